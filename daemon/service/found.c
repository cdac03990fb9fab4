/* found.c - the damage that workers found lately. */
#include "service/found.h"

#include <time.h>

#include "base/character.h"
#include "service/state.h"

void found_add(struct found *found, const char *recording, const char *channel, const char *text)
{
    size_t at = found->n_ever++ % SERVICE_DAMAGE_MOST;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    found->kept[at].at_s = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    character_copy(found->kept[at].recording, sizeof found->kept[at].recording, recording);
    character_copy(found->kept[at].channel, sizeof found->kept[at].channel, channel);
    character_copy(found->kept[at].text, sizeof found->kept[at].text, text);
}

size_t service_damage(const struct service *service,
                      struct service_damage damage_out[SERVICE_DAMAGE_MOST])
{
    const struct found *found = &service->found;
    size_t n = 0;

    for (; n < SERVICE_DAMAGE_MOST && n < found->n_ever; n++) {
        size_t at = (found->n_ever - 1 - n) % SERVICE_DAMAGE_MOST;
        damage_out[n] = (struct service_damage){
            .at_s = found->kept[at].at_s,
            .recording = found->kept[at].recording,
            .channel = found->kept[at].channel,
            .text = found->kept[at].text,
        };
    }
    return n;
}
