/* demo_signal.c - made-up EEG: sources, and how loud each channel hears them. */
#include "demo_signal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    N_SCALP = 19,
    N_CONTACTS = 8, /* of a depth electrode */
    N_POLES = 5,    /* of the 1/f filter */
    N_PLACES = 12,  /* of background */
    ALPHA_LEFT = N_PLACES,
    ALPHA_RIGHT,
    SPIKE,
    MAINS,
    N_SOURCES,
};

static const double TAU = 6.283185307179586;

/* Deviations and amplitudes, microvolts. */
static const double BACKGROUND_UV = 14, OWN_UV = 5, ALPHA_UV = 22, SPIKE_UV = 90, SEIZURE_UV = 160,
                    MAINS_UV = 1.2, AMPLIFIER_UV = 0.6;

struct place {
    double x, y; /* of a head of radius 1 seen from above; y to the nose */
};

/* Where spikes and the seizure come from. */
static const struct place focus = {-0.62, -0.05};

/* clang-format off */
static const struct {
    const char *name;
    struct place at;
} scalp[N_SCALP] = {
    {"Fp1", {-0.25, 0.77}}, {"Fp2", {0.25, 0.77}},
    {"F7", {-0.65, 0.47}}, {"F3", {-0.33, 0.42}}, {"Fz", {0, 0.40}}, {"F4", {0.33, 0.42}}, {"F8", {0.65, 0.47}},
    {"T3", {-0.80, 0}}, {"C3", {-0.40, 0}}, {"Cz", {0, 0}}, {"C4", {0.40, 0}}, {"T4", {0.80, 0}},
    {"T5", {-0.65, -0.47}}, {"P3", {-0.33, -0.42}}, {"Pz", {0, -0.40}}, {"P4", {0.33, -0.42}}, {"T6", {0.65, -0.47}},
    {"O1", {-0.25, -0.77}}, {"O2", {0.25, -0.77}},
};
/* clang-format on */

/* White noise through a handful of one-pole filters, an octave or two apart, the
 * slower the louder: about 1/f. */
struct pink {
    float pole[N_POLES];
};

/* Noise through a resonator: a rhythm that waxes and wanes by itself. */
struct rhythm {
    double feedback_1, feedback_2, gain;
    double y1, y2;
};

struct channel {
    float weight[N_SOURCES];
    struct pink own;
    float own_uv;
    float seizure_uv;
    double seizure_delay_s;
    float lag_sin, lag_cos; /* the seizure reaches it with this phase */
};

struct demo {
    double rate_hz;
    uint64_t random;
    double t;      /* time of the next sample, s */
    double from_s; /* time of the first sample of this step */
    size_t n;      /* samples of this step */
    float pink_decay[N_POLES];
    float pink_gain[N_POLES];
    struct pink place[N_PLACES];
    struct rhythm alpha[2];
    double waxing; /* slow noise that opens and closes the alpha rhythm */
    double spike_s, spike_uv;
    double seizure_from_s, seizure_s, phase;
    size_t n_channels;
    struct channel *channels;
    float source[N_SOURCES][DEMO_STEP];
    float seizure_sin[DEMO_STEP];
    float seizure_cos[DEMO_STEP];
};

/* splitmix64 */
static uint64_t next_random(struct demo *demo)
{
    uint64_t x = demo->random += 0x9E3779B97F4A7C15u;

    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* Even in [0, 1). */
static double even(struct demo *demo)
{
    return (double)(next_random(demo) >> 11) * 0x1p-53;
}

/* Of deviation 1; filters make it normal enough. */
static float white(struct demo *demo)
{
    static const float SQRT_12 = 3.4641016f;

    return SQRT_12 * ((float)(next_random(demo) >> 40) * 0x1p-24f - 0.5f);
}

static void pink_design(struct demo *demo)
{
    double variance = 0, a[N_POLES], gain[N_POLES];

    for (int k = 0; k < N_POLES; k++) {
        double hz = fmin(0.4 * pow(3.5, k), demo->rate_hz / 3);
        a[k] = 1 - exp(-TAU * hz / demo->rate_hz);
        gain[k] = pow(hz, -0.8);
    }
    for (int j = 0; j < N_POLES; j++)
        for (int k = 0; k < N_POLES; k++)
            variance += gain[j] * gain[k] * a[j] * a[k] / (1 - (1 - a[j]) * (1 - a[k]));
    for (int k = 0; k < N_POLES; k++) {
        demo->pink_decay[k] = (float)(1 - a[k]);
        demo->pink_gain[k] = (float)(gain[k] * a[k] / sqrt(variance));
    }
}

static float pink_next(struct demo *demo, struct pink *pink)
{
    float w = white(demo), sum = 0;

    for (int k = 0; k < N_POLES; k++) {
        pink->pole[k] = pink->pole[k] * demo->pink_decay[k] + w * demo->pink_gain[k];
        sum += pink->pole[k];
    }
    return sum;
}

static struct rhythm rhythm_design(double hz, double width_hz, double rate_hz)
{
    double r = exp(-TAU / 2 * width_hz / rate_hz), angle = TAU * hz / rate_hz;
    double variance = (1 + r * r) / (1 - r * r) / (1 + pow(r, 4) - 2 * r * r * cos(2 * angle));

    return (struct rhythm){.feedback_1 = 2 * r * cos(angle),
                           .feedback_2 = -r * r,
                           .gain = hz < rate_hz / 2 ? 1 / sqrt(variance) : 0};
}

static double rhythm_next(struct demo *demo, struct rhythm *rhythm)
{
    double y = rhythm->feedback_1 * rhythm->y1 + rhythm->feedback_2 * rhythm->y2 +
               rhythm->gain * (double)white(demo);

    rhythm->y2 = rhythm->y1;
    rhythm->y1 = y;
    return y;
}

void demo_name(size_t channel, char name_out[DEMO_NAME_BYTES])
{
    if (channel < N_SCALP) {
        snprintf(name_out, DEMO_NAME_BYTES, "%s", scalp[channel].name);
        return;
    }
    size_t electrode = (channel - N_SCALP) / N_CONTACTS;
    size_t contact = (channel - N_SCALP) % N_CONTACTS + 1;
    size_t letter = electrode / 2;
    char side = electrode % 2 ? 'R' : 'L';
    if (letter < 26)
        snprintf(name_out, DEMO_NAME_BYTES, "%c%c%zu", side, (char)('A' + letter), contact);
    else
        snprintf(name_out, DEMO_NAME_BYTES, "%c%c%u-%zu", side, (char)('A' + letter % 26),
                 (unsigned)(letter / 26 % 10000), contact);
}

static struct place place_of(size_t channel)
{
    if (channel < N_SCALP)
        return scalp[channel].at;
    size_t electrode = (channel - N_SCALP) / N_CONTACTS;
    size_t contact = (channel - N_SCALP) % N_CONTACTS;
    double side = electrode % 2 ? 1 : -1;
    /* Contact 1 is the deepest; electrodes stand one behind the other. */
    return (struct place){side * (0.30 + 0.06 * (double)contact),
                          0.05 - 0.11 * (double)(electrode / 2 % 6)};
}

static double distance(struct place a, struct place b)
{
    return hypot(a.x - b.x, a.y - b.y);
}

/* How loud a source is at a distance, of a given reach. */
static double loudness(struct place a, struct place b, double reach)
{
    return exp(-pow(distance(a, b) / reach, 2) / 2);
}

static void channel_design(struct demo *demo, size_t number)
{
    struct channel *channel = &demo->channels[number];
    struct place at = place_of(number);
    double depth = number < N_SCALP ? 1 : 2; /* no skull in between */
    double power = 0, weight[N_PLACES];

    for (int i = 0; i < N_PLACES; i++) {
        double angle = i * 2.399963, radius = sqrt((i + 0.5) / N_PLACES); /* a sunflower */
        weight[i] = loudness(at, (struct place){radius * cos(angle), radius * sin(angle)}, 0.4);
        power += weight[i] * weight[i];
    }
    for (int i = 0; i < N_PLACES; i++)
        channel->weight[i] = (float)(depth * BACKGROUND_UV * weight[i] / sqrt(power));
    channel->own_uv = (float)(depth * OWN_UV);
    channel->weight[ALPHA_LEFT] =
        (float)(ALPHA_UV * loudness(at, (struct place){-0.3, -0.85}, 0.42));
    channel->weight[ALPHA_RIGHT] =
        (float)(ALPHA_UV * loudness(at, (struct place){0.3, -0.85}, 0.42));
    channel->weight[SPIKE] = (float)(depth * SPIKE_UV * loudness(at, focus, 0.3));
    channel->weight[MAINS] =
        (float)(DEMO_MAINS_HZ < demo->rate_hz / 2 ? MAINS_UV * (0.3 + 1.4 * even(demo)) : 0);

    double away = distance(at, focus);
    channel->seizure_uv = (float)(depth * SEIZURE_UV * exp(-away / 0.8));
    channel->seizure_delay_s = 0.35 * away * demo->seizure_s;
    channel->lag_cos = (float)cos(1.4 * away);
    channel->lag_sin = (float)sin(1.4 * away);
}

struct demo *demo_new(size_t n_channels, double rate_hz, double seconds, uint64_t seed)
{
    struct demo *demo = calloc(1, sizeof *demo);

    if (!demo)
        return NULL;
    demo->channels = calloc(n_channels, sizeof *demo->channels);
    if (!demo->channels) {
        free(demo);
        return NULL;
    }
    demo->rate_hz = rate_hz;
    demo->random = seed;
    demo->n_channels = n_channels;
    demo->seizure_from_s = 0.6 * seconds;
    demo->seizure_s = fmin(60, 0.15 * seconds);
    demo->spike_s = -1;
    pink_design(demo);
    demo->alpha[0] = rhythm_design(9.8, 1.1, rate_hz);
    demo->alpha[1] = rhythm_design(10.1, 1.1, rate_hz);
    for (size_t i = 0; i < n_channels; i++)
        channel_design(demo, i);
    return demo;
}

void demo_free(struct demo *demo)
{
    if (!demo)
        return;
    free(demo->channels);
    free(demo);
}

/* Where in the seizure: 0 at its start, 1 at its end. */
static double seizure_at(const struct demo *demo, double t)
{
    return (t - demo->seizure_from_s) / demo->seizure_s;
}

/* The brain is tired after a seizure: background comes back within some minutes. */
static double vigour(const struct demo *demo, double t)
{
    double after_s = t - demo->seizure_from_s - demo->seizure_s;

    return after_s < 0 ? 1 : 1 - 0.65 * exp(-after_s / 60);
}

/* A sharp wave down and a slow one up, half a second in all. */
static double spike_next(struct demo *demo)
{
    static const double MEAN_PAUSE_S = 14;
    double u = seizure_at(demo, demo->t);
    double since_s = demo->t - demo->spike_s;

    if (demo->spike_s < 0 || since_s > 0.5) {
        demo->spike_s = demo->t + 0.5 - MEAN_PAUSE_S * log(1 - even(demo));
        demo->spike_uv = 0.6 + even(demo);
        since_s = -1;
    }
    if (since_s < 0 || (u > -0.1 && u < 1.5))
        return 0;
    return demo->spike_uv *
           (0.4 * exp(-pow((since_s - 0.22) / 0.07, 2)) - exp(-pow((since_s - 0.06) / 0.02, 2)));
}

/* Fast and small at first, then slower, larger and sharper; it ends at once. */
static void seizure_next(struct demo *demo, float *sin_out, float *cos_out)
{
    double u = seizure_at(demo, demo->t);

    *sin_out = *cos_out = 0;
    if (u < 0 || u > 1)
        return;
    double hz = 3 + 9 * (1 - u) * (1 - u);
    demo->phase =
        fmod(demo->phase + TAU * hz / demo->rate_hz * (1 + 0.3 * (even(demo) - 0.5)), TAU);
    double grow = pow(fmin(1, u / 0.7), 1.3) * (0.9 + 0.2 * even(demo)) * fmin(1, 60 * (1 - u));
    double sharp = 0.6 * u;
    *sin_out = (float)(grow * (sin(demo->phase) + sharp * sin(2 * demo->phase)));
    *cos_out = (float)(grow * (cos(demo->phase) + sharp * cos(2 * demo->phase)));
}

void demo_step(struct demo *demo, size_t n)
{
    double waxing_decay = exp(-TAU * 0.06 / demo->rate_hz);
    double waxing_gain = sqrt(1 - waxing_decay * waxing_decay);

    demo->from_s = demo->t;
    demo->n = n;
    for (size_t i = 0; i < n; i++, demo->t += 1 / demo->rate_hz) {
        double awake = vigour(demo, demo->t);
        for (int k = 0; k < N_PLACES; k++)
            demo->source[k][i] = (float)awake * pink_next(demo, &demo->place[k]);

        demo->waxing = demo->waxing * waxing_decay + waxing_gain * (double)white(demo);
        double open = awake * awake * fmax(0.1, 0.6 + 0.6 * demo->waxing);
        double left = rhythm_next(demo, &demo->alpha[0]);
        double right = rhythm_next(demo, &demo->alpha[1]);
        demo->source[ALPHA_LEFT][i] = (float)(open * (0.8 * left + 0.3 * right));
        demo->source[ALPHA_RIGHT][i] = (float)(open * (0.3 * left + 0.8 * right));

        demo->source[SPIKE][i] = (float)spike_next(demo);
        demo->source[MAINS][i] = (float)sin(fmod(TAU * DEMO_MAINS_HZ * demo->t, TAU));
        seizure_next(demo, &demo->seizure_sin[i], &demo->seizure_cos[i]);
    }
}

/* The seizure spreads: a channel takes part when it has come so far. */
static void add_seizure(const struct demo *demo, const struct channel *channel, float *uv)
{
    double from_s = demo->seizure_from_s + channel->seizure_delay_s;
    double build_s = 0.1 * demo->seizure_s;

    for (size_t i = 0; i < demo->n; i++) {
        double t = demo->from_s + (double)i / demo->rate_hz;
        float part = (float)fmin(1, fmax(0, (t - from_s) / build_s)) * channel->seizure_uv;
        uv[i] += part * (demo->seizure_sin[i] * channel->lag_cos -
                         demo->seizure_cos[i] * channel->lag_sin);
    }
}

void demo_counts(struct demo *demo, size_t number, int32_t *counts_out)
{
    struct channel *channel = &demo->channels[number];
    float uv[DEMO_STEP];
    double to_s = demo->t;

    for (size_t i = 0; i < demo->n; i++)
        uv[i] =
            channel->own_uv * pink_next(demo, &channel->own) + (float)AMPLIFIER_UV * white(demo);
    for (int k = 0; k < N_SOURCES; k++)
        for (size_t i = 0; i < demo->n; i++)
            uv[i] += channel->weight[k] * demo->source[k][i];
    if (seizure_at(demo, to_s) >= 0 && seizure_at(demo, demo->from_s) <= 1)
        add_seizure(demo, channel, uv);
    for (size_t i = 0; i < demo->n; i++)
        counts_out[i] = (int32_t)lrintf(uv[i] * (float)(1 / DEMO_UNITS_FACTOR));
}
