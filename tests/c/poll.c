/* What is particular to the poll mode, and what poll functions say in the thread mode. */
#include <poll.h>

#include "common.h"

static int woken, ran, in_callback;

static void on_wakeup(const void *data) {
    CHECK(data == &woken);
    __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
}

static void on_call(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json, (void)data;
    CHECK_INT(code, TIM_SUCC);
    ran++;
    in_callback = tim_poll(0, 0);
}

/* Each completion makes two calls, of which one goes on with the chain. */
static int links;
static void chain(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json, (void)data;
    CHECK_INT(code, TIM_SUCC);
    if (--links > 0) {
        CHECK_INT(tim_logout(NULL, NULL), TIM_SUCC);
        CHECK_INT(tim_logout(chain, NULL), TIM_SUCC);
    }
}

static int is_readable(int fd, int timeout) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    CHECK(poll(&p, 1, timeout) >= 0);
    return (p.revents & POLLIN) != 0;
}

static void *poller(void *unused) {
    (void)unused;
    tim_poll(0, -1);
    return NULL;
}

int main(void) {
    if (!polls()) {
        init("");
        CHECK_INT(tim_poll(0, 0), -TIM_ERR_NOT_SUPPORTED);
        CHECK_INT(tim_poll_fd(), -1);
        CHECK_INT(tim_uninit(), TIM_SUCC);
        return 0;
    }
    CHECK_INT(tim_set_wakeup_callback(on_wakeup, &woken), TIM_SUCC);
    init(",\"sdk_config_server_url\":\"wss://127.0.0.1:1\"");
    int fd = tim_poll_fd();
    CHECK(fd >= 0);
    /* The network events of the start, whoever listens. */
    double end = now() + 60;
    while (!__atomic_load_n(&woken, __ATOMIC_SEQ_CST) && now() < end) {
        tim_poll(0, 50);
    }
    end = now() + 1;
    while (now() < end) {
        tim_poll(0, 50);
    }
    CHECK(__atomic_load_n(&woken, __ATOMIC_SEQ_CST) > 0);
    CHECK(!is_readable(fd, 0));
    CHECK_INT(tim_poll(0, 0), 0);
    double start = now();
    CHECK_INT(tim_poll(0, 50), 0);
    CHECK(now() - start > 0.045);
    /* Nothing runs but inside tim_poll, and never more than was asked for. */
    for (int i = 0; i < 3; i++) {
        CHECK_INT(tim_logout(on_call, NULL), TIM_SUCC);
    }
    CHECK(is_readable(fd, 10000));
    usleep(200000);
    int before = __atomic_load_n(&woken, __ATOMIC_SEQ_CST);
    CHECK_INT(tim_set_wakeup_callback(on_wakeup, &woken), TIM_SUCC);
    CHECK_INT(__atomic_load_n(&woken, __ATOMIC_SEQ_CST), before + 1);
    CHECK_INT(ran, 0);
    CHECK_INT(tim_poll(2, 1000), 2);
    CHECK_INT(ran, 2);
    /* It left one, and says so. */
    CHECK_INT(__atomic_load_n(&woken, __ATOMIC_SEQ_CST), before + 2);
    CHECK_INT(in_callback, -TIM_ERR_IN_CALLBACK);
    CHECK(is_readable(fd, 0));
    CHECK_INT(tim_poll(-1, 0), 1);
    CHECK_INT(ran, 3);
    CHECK(!is_readable(fd, 0));
    CHECK_INT(__atomic_load_n(&woken, __ATOMIC_SEQ_CST), before + 2);
    /* Who polls once for each time that it is called misses nothing, also of what comes meanwhile. */
    int seen = before + 2;
    links = 1000;
    chain(0, "", "", NULL);
    for (double late = now() + 60; links > 0;) {
        CHECK(now() < late);
        if (__atomic_load_n(&woken, __ATOMIC_SEQ_CST) != seen) {
            seen = __atomic_load_n(&woken, __ATOMIC_SEQ_CST);
            CHECK(tim_poll(1 + links % 3, 0) >= 0);
        }
    }
    /* A second poller is turned away; a poller that waits for ever is freed by uninit. */
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, poller, NULL) == 0);
    usleep(100000);
    CHECK_INT(tim_poll(0, 0), -TIM_ERR_BUSY);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    pthread_join(thread, NULL);
    CHECK_INT(tim_poll(0, -1), TIM_ERR_SDKUNINIT);
    return 0;
}
