/* What the C programs of the tests share. Each is a plain program: exit code 0 is success.
 *
 * The environment tells them TIM_TEST_DIR (a folder of their own), TIM_TEST_MODE ("thread" or
 * "poll"), TIM_TEST_SIG (a ticket for the user alice of app 1 that is well-formed), and, when there
 * is a server, TIM_SERVER_URL, TIM_SERVER_CA, TIM_TEST_APP and TIM_TEST_ONLINE=1. */
#ifndef COMMON_H
#define COMMON_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tim.h"

#define CHECK(what)                                                                     \
    do {                                                                                \
        if (!(what)) {                                                                  \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #what);        \
            exit(1);                                                                    \
        }                                                                               \
    } while (0)

#define CHECK_INT(is, wanted)                                                           \
    do {                                                                                \
        long long is_ = (is), wanted_ = (wanted);                                       \
        if (is_ != wanted_) {                                                           \
            fprintf(stderr, "%s:%d: %s is %lld and should be %lld\n", __FILE__,         \
                    __LINE__, #is, is_, wanted_);                                       \
            exit(1);                                                                    \
        }                                                                               \
    } while (0)

/* What a callback was told; wait for it with await(). */
struct outcome {
    int calls;
    int code;
    char desc[512];
    char json[4096];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static inline const char *setting(const char *name, const char *otherwise) {
    const char *value = getenv(name);
    return value ? value : otherwise;
}

static inline int polls(void) { return strcmp(setting("TIM_TEST_MODE", "thread"), "poll") == 0; }
static inline int is_online(void) { return getenv("TIM_TEST_ONLINE") != NULL; }
static inline uint64_t app(void) { return strtoull(setting("TIM_TEST_APP", "1"), NULL, 10); }

static inline double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One call: what its callback gets as user_data. Kept until the end of the program, so that a second
 * completion is noticed however late it comes. */
struct expected {
    struct outcome *outcome;
    int calls;
    struct expected *next;
};

/* For the next call, whose outcome goes there. */
static inline const void *expect(struct outcome *outcome) {
    static struct expected *all;
    struct expected *call = calloc(1, sizeof *call);
    CHECK(call != NULL);
    pthread_mutex_lock(&lock);
    *call = (struct expected){outcome, 0, all};
    all = call;
    pthread_mutex_unlock(&lock);
    return call;
}

/* Its user_data is of expect(), or NULL. */
static void on_outcome(int32_t code, const char *desc, const char *json, const void *user_data) {
    struct expected *call = (struct expected *)user_data;
    CHECK(desc != NULL);
    CHECK(json != NULL);
    CHECK((code == 0) == (desc[0] == '\0'));
    /* Of a message that somebody else has changed, the newer state is told. */
    CHECK(code == 0 || json[0] == '\0' || code == TIM_ERR_SDK_MSG_MODIFY_CONFLICT);
    if (call == NULL) {
        return;
    }
    pthread_mutex_lock(&lock);
    CHECK_INT(++call->calls, 1);
    struct outcome *outcome = call->outcome;
    outcome->calls++;
    outcome->code = code;
    snprintf(outcome->desc, sizeof outcome->desc, "%s", desc);
    snprintf(outcome->json, sizeof outcome->json, "%s", json);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Waits until *counter has reached the number; a minute in which it does not rise is too long. */
static inline void await_count(const int *counter, int wanted) {
    double end = now() + 60;
    int before = -1;
    pthread_mutex_lock(&lock);
    while (*counter < wanted) {
        if (*counter != before) {
            before = *counter;
            end = now() + 60;
        } else if (now() > end) {
            fprintf(stderr, "waited in vain: %d of %d\n", *counter, wanted);
            exit(1);
        }
        if (polls()) {
            pthread_mutex_unlock(&lock);
            tim_poll(0, 20);
            pthread_mutex_lock(&lock);
        } else {
            struct timespec t;
            clock_gettime(CLOCK_REALTIME, &t);
            t.tv_sec += 1;
            pthread_cond_timedwait(&changed, &lock, &t);
        }
    }
    pthread_mutex_unlock(&lock);
}

/* Waits for the callback of a call. */
static inline void await(struct outcome *outcome) { await_count(&outcome->calls, 1); }

/* A call that is given CB is accepted, and completed with this code. The program has a
   struct outcome of the name last. */
#define COMPLETED(wanted, call)                  \
    do {                                         \
        memset(&last, 0, sizeof last);           \
        CHECK_INT(call, TIM_SUCC);               \
        await(&last);                            \
        CHECK_INT(last.code, wanted);            \
    } while (0)
#define CB on_outcome, expect(&last)

static inline int read_int(const int *what) {
    pthread_mutex_lock(&lock);
    int value = *what;
    pthread_mutex_unlock(&lock);
    return value;
}

/* The config for tim_init, with more keys if wanted (",\"key\":value"). */
static inline const char *config(const char *more) {
    static char text[4096];
    const char *dir = setting("TIM_TEST_DIR", "/tmp/tim-test");
    snprintf(text, sizeof text,
             "{\"sdk_config_config_file_path\":\"%s/data\",\"sdk_config_log_file_path\":\"%s/log\","
             "\"sdk_config_callback_mode\":\"%s\"%s}",
             dir, dir, setting("TIM_TEST_MODE", "thread"), more);
    return text;
}

static inline void init(const char *more) { CHECK_INT(tim_init(app(), config(more)), TIM_SUCC); }

/* A URL at which somebody listens and never says a word. */
static inline const char *mute_server(void);

/* Logs alice in at the server of the test. */
static inline void login(void) {
    struct outcome outcome = {0};
    CHECK_INT(tim_login("alice", setting("TIM_TEST_SIG", ""), on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    if (outcome.code != 0) {
        fprintf(stderr, "login: %d %s\n", outcome.code, outcome.desc);
        exit(1);
    }
}

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static inline const char *mute_server(void) {
    static char text[128];
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(s >= 0);
    CHECK(bind(s, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(s, 100) == 0);
    CHECK(getsockname(s, (struct sockaddr *)&address, &size) == 0);
    snprintf(text, sizeof text, ",\"sdk_config_server_url\":\"wss://127.0.0.1:%d\"",
             ntohs(address.sin_port));
    return text;
}

#endif
