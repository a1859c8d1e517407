/* Evaluates a golden of grid_sample (bilinear, zeros, align_corners, float32): DIR and its id. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *numbers(char **word, const char *name, long s[5]) {
    char line[512], file[512], key[512], *at = NULL;
    snprintf(file, 512, "%s/manifest.txt", word[1]);
    snprintf(key, 512, "bin/%s/%s.bin ", word[2], name);
    FILE *f = fopen(file, "r");
    while (f && !at && fgets(line, 512, f)) at = strstr(line, key);
    if (at) at += strlen(key) + 3; /* behind the dtype; shape, or log2_denominator and shape */
    for (int k = 0; at && k < 5; k++) s[k] = strtol(at, &at, 10);
    snprintf(file, 512, "%s/bin/%s/%s.bin", word[1], word[2], name);
    void *found = calloc(1, 1 << 16);
    if (!at || !(f = fopen(file, "rb")) || !fread(found, 1, 1 << 16, f)) exit(2);
    return found;
}

int main(int count, char **word) {
    long s[5], g[5], o[5], wrong = 0, i, m, n;
    if (count != 3) return 2;
    float *x = numbers(word, "x", s), *p = numbers(word, "grid", g);
    int64_t *out = numbers(word, "out", o);
    for (i = 0; i < o[1] * o[2] * o[3] * o[4]; i++) {
        long c = i % s[3], q = i / s[3], b = q / (g[1] * g[2]);
        float px = (p[2 * q] + 1) * (s[2] - 1) / 2, py = (p[2 * q + 1] + 1) * (s[1] - 1) / 2, v = 0;
        for (m = floorf(py); m < floorf(py) + 2; m++)
            for (n = floorf(px); n < floorf(px) + 2; n++)
                if (m >= 0 && m < s[1] && n >= 0 && n < s[2])
                    v += (1 - fabsf(px - n)) * (1 - fabsf(py - m))
                         * x[((b * s[1] + m) * s[2] + n) * s[3] + c];
        wrong += ldexpf(v, o[0]) != (float)out[i];
    }
    printf("%ld of %ld wrong\n", wrong, i);
    return wrong > 0;
}
