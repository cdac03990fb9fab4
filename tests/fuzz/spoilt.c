/* spoilt.c - the recording of two segments that fuzz_session and fuzz_check spoil. */
#include "spoilt.h"

#include <string.h>

#include "bytes.h"

enum { OVERWRITE = 0, CUT = 1, LENGTHEN = 2 };

static void make(struct recording *recording)
{
    struct recording_block blocks[6];

    /* The fourth block overlaps the third; the second segment overlaps the first. */
    for (int s = 0; s < 2; s++) {
        for (int i = 0; i < 6; i++)
            blocks[i] = (struct recording_block){SPOILT_T0 + (4 * s + i - (i > 2)) * SPOILT_SECOND,
                                                 10 + 2u * (i == 2), 1000 * s + 100 * i};
        recording_add_segment(recording, s, 10, blocks, 6);
    }
}

static void spoil(struct recording *recording, const uint8_t *at, const uint8_t *end)
{
    while (end - at >= 4) {
        struct recording_file *file = &recording->files[(at[0] & 15u) % recording->n_files];
        size_t place = le_u16(at + 1), n = at[3];
        int kind = at[0] >> 4;
        at += 4;
        if (kind == CUT && place < file->n) {
            recording_resize(file, place);
        } else if (kind == LENGTHEN) {
            recording_resize(file, file->n + 8 * n);
        } else {
            if (n > (size_t)(end - at))
                n = (size_t)(end - at);
            if (place < file->n)
                memcpy(file->bytes + place, at, n < file->n - place ? n : file->n - place);
            at += n;
        }
    }
}

void spoilt_make(struct recording *recording, const uint8_t *bytes, size_t n)
{
    make(recording);
    spoil(recording, bytes + 1, bytes + n);
    for (size_t i = 0; (bytes[0] & 1) && i < recording->n_files; i++)
        recording_mend(&recording->files[i]);
}

bool spoilt_is_slow(struct mef3_session *session, size_t channel)
{
    enum { SLOW_SAMPLES = 1 << 17 };
    struct mef3_block block;

    for (size_t s = 0; s < mef3_channel_info(session, channel)->n_segments; s++)
        for (size_t k = 0; mef3_segment_block(session, channel, s, k, &block, NULL) == MEF3_OK; k++)
            if (block.n_samples > SLOW_SAMPLES && block.block_bytes > 0)
                return true;
    return false;
}
