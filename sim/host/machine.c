/* SPDX-License-Identifier: Apache-2.0 */
#include "host/machine.h"

#include "core/number.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Reads the rest of the first line that starts with key, after its colon. false if there is none. */
static bool read_key(const char *path, const char *key, char *out, size_t size)
{
    FILE *f = fopen(path, "r");
    char line[512];
    bool found = false;
    while (f && !found && fgets(line, sizeof line, f)) {
        if (strncmp(line, key, strlen(key)) != 0)
            continue;
        const char *at = line + strlen(key);
        at += strspn(at, " \t:");
        snprintf(out, size, "%.*s", (int)strcspn(at, "\n"), at);
        found = true;
    }
    if (f)
        fclose(f);
    return found;
}

static double kib_of(const char *key)
{
    char text[64];
    double v = 0;
    if (!read_key("/proc/meminfo", key, text, sizeof text))
        return 0;
    text[strcspn(text, " ")] = '\0';
    return lr_number_parse(text, &v) ? v * 1024 : 0;
}

static double number_in(const char *path)
{
    char text[64];
    double v = 0;
    return read_key(path, "", text, sizeof text) && lr_number_parse(text, &v) ? v : 0;
}

/* The largest cache of the first core, from texts such as "32768K". */
static double cache_of(void)
{
    double most = 0;
    for (int i = 0; i < 8; i++) {
        char path[96], text[64];
        double v = 0;
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/size", i);
        if (!read_key(path, "", text, sizeof text))
            break;
        const size_t digits = strspn(text, "0123456789");
        const char unit = text[digits];
        text[digits] = '\0';
        if (lr_number_parse(text, &v))
            v *= unit == 'K' ? 1024 : unit == 'M' ? 1048576 : 1;
        most = v > most ? v : most;
    }
#ifdef _SC_LEVEL3_CACHE_SIZE
    const long says = most > 0 ? 0 : sysconf(_SC_LEVEL3_CACHE_SIZE);
    most = says > 0 ? (double)says : most;
#endif
    return most;
}

/* A control group may allow less than the machine has. */
static double limit_of(double available)
{
    const double most = number_in("/sys/fs/cgroup/memory.max");
    const double used = number_in("/sys/fs/cgroup/memory.current");
    return most > 0 && most - used < available ? most - used : available;
}

void lr_machine_read(struct lr_machine *m)
{
    char text[64];
    double v = 0;
    *m = (struct lr_machine){.threads = 1};
    if (!read_key("/proc/cpuinfo", "model name", m->name, sizeof m->name))
        snprintf(m->name, sizeof m->name, "unknown processor");
    for (char *c = m->name; *c; c++)
        if (!isprint((unsigned char)*c) || *c == '"' || *c == '\\')
            *c = ' ';
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    m->threads = online > 0 ? (size_t)online : 1;
    m->memory_bytes = kib_of("MemTotal");
    m->available_bytes = limit_of(kib_of("MemAvailable"));
    m->cache_bytes = cache_of();
    m->clock_hz = number_in("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq") * 1e3;
    if (m->clock_hz <= 0 && read_key("/proc/cpuinfo", "cpu MHz", text, sizeof text) && lr_number_parse(text, &v))
        m->clock_hz = v * 1e6;
}
