// means.cpp - the mean of each second of a recording's first channel: means SESSION
#include "session.hpp"

#include <cstdio>
#include <cstdlib>
#include <limits>

// Of what was recorded of a second; NaN when that is nothing.
static double mean(const mef3::window &window)
{
    double sum = 0;
    std::size_t n = 0;

    for (std::size_t i = 0; i < window.values.size(); i++) {
        if (window.truth[i] == MEF3_DATA) {
            sum += window.values[i];
            n++;
        }
    }
    return n > 0 ? sum / static_cast<double>(n) : std::numeric_limits<double>::quiet_NaN();
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: means SESSION\n");
        return 2;
    }
    try {
        mef3::session session(argv[1], std::getenv("MEF3_PASSWORD"));
        const struct mef3_channel_info &channel = session.channel(0);
        for (std::int64_t t = channel.start_uutc; t < channel.end_uutc; t += 1000000)
            std::printf("%.17g\n", mean(session.read(0, t, t + 1000000)));
    } catch (const std::exception &e) {
        std::fprintf(stderr, "means: %s\n", e.what());
        return 3;
    }
    return 0;
}
