/* What the Windows programs of the tests share. Each is a plain program: exit code 0 is success.
 * The environment is that of the scenarios; see tests/scenarios.rs. */
#ifndef COMMON_H
#define COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "tim.h"

#define CHECK(what)                                                              \
    do {                                                                         \
        if (!(what)) {                                                           \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #what); \
            exit(1);                                                             \
        }                                                                        \
    } while (0)

#define CHECK_INT(is, wanted)                                                                     \
    do {                                                                                          \
        long is_ = (long)(is), wanted_ = (long)(wanted);                                          \
        if (is_ != wanted_) {                                                                     \
            fprintf(stderr, "%s:%d: %s is %ld and should be %ld\n", __FILE__, __LINE__, #is, is_, \
                    wanted_);                                                                     \
            exit(1);                                                                              \
        }                                                                                         \
    } while (0)

static inline const char *setting(const char *name) {
    const char *value = getenv(name);
    if (value == NULL) {
        fprintf(stderr, "%s is not set\n", name);
        exit(1);
    }
    return value;
}

/* The config for tim_init: files go to a folder below TIM_DIR; a mode of "" says nothing of it. */
static inline const char *config(const char *folder, const char *mode) {
    static char text[8192];
    int length = snprintf(text, sizeof text,
                          "{\"sdk_config_config_file_path\":\"%s/%s/data\","
                          "\"sdk_config_log_file_path\":\"%s/%s/log\"",
                          setting("TIM_DIR"), folder, setting("TIM_DIR"), folder);
    snprintf(text + length, sizeof text - length,
             *mode ? ",\"sdk_config_callback_mode\":\"%s\"}" : "}%s", mode);
    return text;
}

static inline void init(const char *folder, const char *mode) {
    CHECK_INT(tim_init(strtoull(setting("TIM_APP_ID"), NULL, 10), config(folder, mode)), TIM_SUCC);
}

/* What a completion was told, and on which thread. */
struct outcome {
    volatile LONG calls;
    int code;
    DWORD thread;
};

static inline void on_outcome(int32_t code, const char *desc, const char *json, const void *data) {
    struct outcome *outcome = (struct outcome *)data;
    (void)desc, (void)json;
    outcome->code = code;
    outcome->thread = GetCurrentThreadId();
    InterlockedIncrement(&outcome->calls);
}

/* Dispatches the messages of this thread until there were so many calls, or for so long. */
static inline int pump(volatile LONG *calls, LONG wanted, DWORD milliseconds) {
    ULONGLONG end = GetTickCount64() + milliseconds;
    while (*calls < wanted) {
        MSG message;
        if (GetTickCount64() >= end) {
            return 0;
        }
        MsgWaitForMultipleObjects(0, NULL, FALSE, 10, QS_ALLINPUT);
        while (PeekMessageW(&message, NULL, 0, 0, PM_REMOVE)) {
            TranslateMessage(&message);
            DispatchMessageW(&message);
        }
    }
    return 1;
}

/* Waits without looking at messages. */
static inline int sleep_until(volatile LONG *calls, LONG wanted, DWORD milliseconds) {
    ULONGLONG end = GetTickCount64() + milliseconds;
    while (*calls < wanted) {
        if (GetTickCount64() >= end) {
            return 0;
        }
        Sleep(5);
    }
    return 1;
}

enum { LONG_TIME = 60000 };

#endif
