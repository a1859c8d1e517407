/* Evaluates a golden of grid_sample (bilinear, zeros, align_corners, float32): DIR and its id. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *read_array(const char *dir, const char *id, const char *name, long s[5]) {
    char line[512] = "", file[512], *at = NULL;
    snprintf(file, sizeof file, "%s/manifest.txt", dir);
    FILE *f = fopen(file, "r");
    snprintf(file, sizeof file, "bin/%s/%s.bin ", id, name);
    while (!at && f && fgets(line, sizeof line, f)) at = strstr(line, file);
    if (!at) exit(2);
    at += strlen(file) + 3; /* behind the dtype: [log2_denominator,] shape */
    for (int k = 0; k < 5; k++) s[k] = strtol(at, &at, 10);
    snprintf(file, sizeof file, "%s/bin/%s/%s.bin", dir, id, name);
    void *numbers = calloc(1, 1 << 20);
    return (f = fopen(file, "rb")) && fread(numbers, 1, 1 << 20, f) ? numbers : (exit(2), NULL);
}

int main(int count, char **word) {
    long s[5], g[5], o[5], wrong = 0;
    if (count < 3) return 2;
    float *x = read_array(word[1], word[2], "x", s), *grid = read_array(word[1], word[2], "grid", g);
    int64_t *out = read_array(word[1], word[2], "out", o);
    for (long i = 0; i < o[1] * o[2] * o[3] * o[4]; i++) {
        long c = i % o[4], q = i / o[4], b = q / (o[2] * o[3]);
        float px = (grid[2 * q] + 1) * (s[2] - 1) / 2, py = (grid[2 * q + 1] + 1) * (s[1] - 1) / 2, v = 0;
        for (long m = floorf(py); m < floorf(py) + 2; m++)
            for (long n = floorf(px); n < floorf(px) + 2; n++)
                if (m >= 0 && m < s[1] && n >= 0 && n < s[2])
                    v += (1 - fabsf(px - n)) * (1 - fabsf(py - m)) * x[((b * s[1] + m) * s[2] + n) * s[3] + c];
        wrong += ldexpf(v, o[0]) != (float)out[i];
    }
    printf("%ld of %ld wrong\n", wrong, o[1] * o[2] * o[3] * o[4]);
    return wrong > 0;
}
