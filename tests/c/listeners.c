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
    CHECK_INT(tim_logout(on_outcome, &outcome), TIM_SUCC);
    await(&outcome);
    CHECK_INT(late, 1);
    CHECK(read_int(&logged) > 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    int lines = logged;
    tim_set_log_callback(NULL, NULL);
    CHECK_INT(tim_init(0, NULL), TIM_ERR_PARAM);
    CHECK_INT(lines, logged);
    return 0;
}
