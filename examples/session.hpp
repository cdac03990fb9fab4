// session.hpp - a recording as C++ likes it: closed when it goes out of scope, failures thrown.
//
// As little as is needed to show how; copy it and add what you want. A session is for one thread
// at a time, as in C.
#pragma once

#include <mef3/mef3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace mef3
{

// A failure: its status, and one line that says where.
class failure : public std::runtime_error
{
  public:
    explicit failure(const mef3_error &error)
        : std::runtime_error(text_of(error)), status(error.status)
    {
    }
    const int status;

  private:
    static std::string text_of(const mef3_error &error)
    {
        char text[512];

        return mef3_error_text(&error, text, sizeof text);
    }
};

struct window {
    std::vector<double> values;      // in the channel's units; NaN where truth is not MEF3_DATA
    std::vector<std::uint8_t> truth; // enum mef3_truth
};

class session
{
  public:
    explicit session(const std::string &path, const char *password = nullptr)
    {
        mef3_session *opened;
        mef3_error error;

        if (mef3_session_open_folder(path.c_str(), password, &opened, &error) != MEF3_OK)
            throw failure(error);
        handle.reset(opened);
    }

    const struct mef3_session_info &info() const
    {
        return *mef3_session_info(handle.get());
    }

    // Throws std::out_of_range.
    const struct mef3_channel_info &channel(std::size_t number) const
    {
        const struct mef3_channel_info *channel = mef3_channel_info(handle.get(), number);

        if (!channel)
            throw std::out_of_range("no such channel");
        return *channel;
    }

    // [start_uutc, end_uutc) of a channel.
    window read(std::size_t number, std::int64_t start_uutc, std::int64_t end_uutc)
    {
        const struct mef3_channel_info &info = channel(number);
        mef3_error error;
        std::int64_t n;

        int status = mef3_window_samples(start_uutc, end_uutc, info.rate_hz, &n);
        if (status != MEF3_OK) {
            mef3_error_set(&error, status, nullptr, -1, "window", nullptr, nullptr);
            throw failure(error);
        }
        std::vector<std::int32_t> counts(static_cast<std::size_t>(n));
        window found{std::vector<double>(counts.size()), std::vector<std::uint8_t>(counts.size())};
        status = mef3_read_window(handle.get(), number, start_uutc, end_uutc, counts.data(),
                                  found.truth.data(), counts.size(), nullptr, nullptr, &error);
        if (status != MEF3_OK)
            throw failure(error);
        mef3_counts_to_f64(counts.data(), counts.size(), info.units_factor, found.values.data());
        return found;
    }

  private:
    struct closer {
        void operator()(mef3_session *session) const
        {
            mef3_session_close(session);
        }
    };
    std::unique_ptr<mef3_session, closer> handle;
};

} // namespace mef3
