/* Listeners: told the present state when set late, replaced and removed from inside themselves. */
#include "common.h"

static int first, second, late, logged;

static void on_second(tim_network_status status, int32_t code, const char *desc, const void *data) {
    (void)status, (void)code, (void)desc;
    CHECK(data == &second);
    pthread_mutex_lock(&lock);
    second++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_first(tim_network_status status, int32_t code, const char *desc, const void *data) {
    CHECK(data == &first);
    CHECK_INT(status, TIM_CONNECTING);
    CHECK_INT(code, 0);
    CHECK(desc[0] == '\0');
    /* Calls inside the very first callback work. */
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    CHECK_INT(tim_logout(NULL, NULL), TIM_SUCC);
    tim_set_network_status_listener_callback(on_second, &second);
    pthread_mutex_lock(&lock);
    first++;
    pthread_mutex_unlock(&lock);
}

static void on_late(tim_network_status status, int32_t code, const char *desc, const void *data) {
    (void)data;
    if (status == TIM_CONNECTING) {
        return;
    }
    CHECK_INT(status, TIM_CONNECT_FAILED);
    CHECK(code != 0);
    CHECK(desc[0] != '\0');
    tim_set_network_status_listener_callback(NULL, NULL);
    pthread_mutex_lock(&lock);
    late++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_log(tim_log_level level, const char *text, const void *data) {
    CHECK(level >= TIM_LOG_INFO);
    CHECK(strlen(text) > 20);
    CHECK(data == &logged);
    pthread_mutex_lock(&lock);
    logged++;
    pthread_mutex_unlock(&lock);
}

/* Callbacks that take longer than a second, each named in a warning. */
static int told_slow, wanted_slow, told_log;

static void on_slow_line(tim_log_level level, const char *text, const void *data) {
    const char *const *names = data;
    /* On a machine that stands still others may be slow too. */
    if (wanted_slow < 2 && strstr(text, names[wanted_slow]) != NULL) {
        CHECK_INT(level, TIM_LOG_WARN);
        CHECK(strstr(text, " s; all others waited for it") != NULL);
        pthread_mutex_lock(&lock);
        wanted_slow++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
}

static void slow_down(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json, (void)data;
    CHECK_INT(code, TIM_SUCC);
    usleep(1100000);
    pthread_mutex_lock(&lock);
    told_slow++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void slow_network(tim_network_status status, int32_t code, const char *desc, const void *data) {
    (void)status, (void)code, (void)desc, (void)data;
    usleep(1100000);
    tim_set_network_status_listener_callback(NULL, NULL);
}

/* The line about a slow log callback would be the next line for it: it is for the file only. */
static void slow_log(tim_log_level level, const char *text, const void *data) {
    (void)level, (void)data;
    CHECK(strstr(text, "tim_log_callback took") == NULL);
    if (strstr(text, " starts for app ") != NULL) {
        usleep(1100000);
        pthread_mutex_lock(&lock);
        told_log++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
}

static void slow(void) {
    static const char *const names[] = {"tim_network_status_listener_callback took",
                                        "the callback of tim_logout took"};
    tim_set_log_callback(on_slow_line, names);
    tim_set_network_status_listener_callback(slow_network, NULL);
    init("");
    await_count(&wanted_slow, 1);
    CHECK_INT(tim_logout(NULL, NULL), TIM_SUCC);
    CHECK_INT(tim_logout(slow_down, NULL), TIM_SUCC);
    await_count(&told_slow, 1);
    await_count(&wanted_slow, 2);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    tim_set_log_callback(slow_log, NULL);
    init("");
    await_count(&told_log, 1);
    struct outcome outcome = {0};
    CHECK_INT(tim_logout(on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    tim_set_log_callback(NULL, NULL);
    CHECK_INT(wanted_slow, 2);
}

int main(void) {
    /* Nobody answers there. */
    const char *url = ",\"sdk_config_server_url\":\"wss://127.0.0.1:1\"";
    CHECK_INT(tim_set_config("{\"set_config_callback_log_level\":4}", NULL, NULL), TIM_SUCC);
    tim_set_log_callback(on_log, &logged);
    tim_set_network_status_listener_callback(on_first, &first);
    init(url);
    await_count(&second, 1);
    CHECK_INT(first, 1);
    tim_set_network_status_listener_callback(on_late, &late);
    await_count(&late, 1);
    struct outcome outcome = {0};
    CHECK_INT(tim_logout(on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    CHECK_INT(late, 1);
    CHECK(read_int(&logged) > 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    int lines = logged;
    tim_set_log_callback(NULL, NULL);
    CHECK_INT(tim_init(0, NULL), TIM_ERR_PARAM);
    CHECK_INT(lines, logged);
    slow();
    return 0;
}
