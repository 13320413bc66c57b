/* Internal operations: before init, while it runs, and what they do to the next init. */
#include "common.h"

static struct outcome last;
static int lines;

static int32_t operate(const char *name, const char *param) {
    char request[2048];
    memset(&last, 0, sizeof last);
    snprintf(request, sizeof request, "{\"request_internal_operation\":\"internal_operation_%s\"%s%s}",
             name, param[0] ? "," : "", param);
    CHECK_INT(tim_call_experimental_api(request, on_outcome, expect(&last)), TIM_SUCC);
    await(&last);
    CHECK_INT(last.calls, 1);
    if (last.code == 0) {
        char wanted[256];
        snprintf(wanted, sizeof wanted, "\"response_internal_operation\":\"internal_operation_%s\"", name);
        CHECK(strstr(last.json, wanted) != NULL);
    }
    return last.code;
}

static void on_line(tim_log_level level, const char *text, const void *data) {
    (void)data;
    if (strstr(text, "written by the app") == NULL) {
        return;
    }
    CHECK_INT(level, TIM_LOG_WARN);
    CHECK(strchr(text, '\n') == NULL);
    CHECK(strstr(text, "[main.c:7 start]") != NULL);
    /* The settings are not locked while a line is told. */
    CHECK_INT(tim_call_experimental_api("{\"request_internal_operation\":"
                                        "\"internal_operation_set_ipv6_prior\","
                                        "\"request_set_ipv6_prior_param\":false}", NULL, NULL), TIM_SUCC);
    pthread_mutex_lock(&lock);
    lines++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_notice(const char *key, const char *data, const void *user_data) {
    (void)key, (void)data, (void)user_data;
    CHECK(0);
}

static void answers(int is_initialised) {
    static const char log[] =
        "\"request_write_log_log_level_param\":5,"
        "\"request_write_log_log_content_param\":\"written by the app\\nin two lines\","
        "\"request_write_log_file_name_param\":\"main.c\","
        "\"request_write_log_func_name_param\":\"start\",\"request_write_log_line_number_param\":7";
    int before = read_int(&lines);
    tim_set_experimental_notify_callback(on_notice, NULL);
    CHECK_INT(operate("is_commercial_ability_enabled", "\"request_is_commercial_ability_enabled_param\":1"), TIM_SUCC);
    CHECK(strstr(last.json, "\"commercial_ability_result_enabled\":true") != NULL);
    CHECK_INT(operate("set_env", "\"request_set_env_param\":false"), TIM_SUCC);
    CHECK(strstr(last.json, "\"response_set_env_res\":false") != NULL);
    CHECK_INT(operate("set_env", "\"request_set_env_param\":true"), TIM_ERR_NOT_SUPPORTED);
    CHECK_INT(operate("get_offline_push_state", ""), TIM_ERR_NOT_SUPPORTED);
    CHECK(strstr(last.desc, "internal_operation_get_offline_push_state") == last.desc);
    CHECK_INT(operate("what_is_this", ""), TIM_ERR_INVALID_PARAMETERS);
    CHECK_INT(operate("set_ui_platform", "\"request_set_ui_platform_param\":\"x\""), TIM_ERR_INVALID_PARAMETERS);
    CHECK(strstr(last.desc, "request_set_ui_platform_param") == last.desc);
    CHECK_INT(operate("write_log", log), TIM_SUCC);
    await_count(&lines, before + 1);
    CHECK_INT(operate("write_log", "\"request_write_log_log_level_param\":9,"
                                   "\"request_write_log_log_content_param\":\"x\""), TIM_ERR_INVALID_PARAMETERS);
    CHECK_INT(operate("init_local_storage", "\"request_init_local_storage_user_id_param\":\"alice\""),
              is_initialised ? TIM_SUCC : TIM_ERR_SDK_NOT_INITIALIZED);
    memset(&last, 0, sizeof last);
    CHECK_INT(tim_call_experimental_api("{\"request_internal_operation\":7}", on_outcome, expect(&last)), TIM_SUCC);
    await(&last);
    CHECK_INT(last.code, TIM_ERR_INVALID_PARAMETERS);
    CHECK_INT(tim_call_experimental_api(NULL, on_outcome, NULL), TIM_ERR_PARAM);
    CHECK_INT(tim_call_experimental_api("", on_outcome, NULL), TIM_ERR_PARAM);
    CHECK_INT(tim_call_experimental_api("[]", on_outcome, NULL), TIM_ERR_JSON);
    CHECK_INT(tim_call_experimental_api("{", on_outcome, NULL), TIM_ERR_JSON);
    CHECK_INT(tim_call_experimental_api("{}", NULL, NULL), TIM_ERR_PARAM);
    tim_set_experimental_notify_callback(NULL, NULL);
}

/* A user's database without a login. */
static void storage(void) {
    init("");
    memset(&last, 0, sizeof last);
    CHECK_INT(tim_conv_get_conv_list(on_outcome, expect(&last)), TIM_SUCC);
    await(&last);
    CHECK_INT(last.code, TIM_ERR_SDK_NOT_LOGGED_IN);
    CHECK_INT(operate("init_local_storage", "\"request_init_local_storage_user_id_param\":\"alice\""), TIM_SUCC);
    CHECK_INT(operate("init_local_storage", "\"request_init_local_storage_user_id_param\":\"a b\""),
              TIM_ERR_SDK_COMM_INVALID_IDENTIFIER);
    CHECK_INT(operate("init_local_storage", "\"request_init_local_storage_user_id_param\":7"),
              TIM_ERR_INVALID_PARAMETERS);
    memset(&last, 0, sizeof last);
    CHECK_INT(tim_conv_get_conv_list(on_outcome, expect(&last)), TIM_SUCC);
    await(&last);
    CHECK_INT(last.code, TIM_SUCC);
    if (is_online()) {
        /* What the last login left here. */
        CHECK(strstr(last.json, "\"conv_id\":\"bob\"") != NULL);
        CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
        login();
    }
    CHECK_INT(tim_uninit(), TIM_SUCC);
}

static void set_servers(const char *host, int port, const char *key) {
    char param[1024];
    snprintf(param, sizeof param,
             "\"request_set_custom_server_info_param\":{\"longconnection_address_array\":["
             "{\"server_address_ip\":\"%s\",\"server_address_port\":%d}],\"server_public_key\":\"%s\"}",
             host, port, key);
    CHECK_INT(operate("set_custom_server_info", param), TIM_SUCC);
}

static int32_t try_login(void) {
    struct outcome outcome = {0};
    CHECK_INT(tim_login("alice", setting("TIM_TEST_SIG", ""), on_outcome, expect(&outcome)), TIM_SUCC);
    await(&outcome);
    return outcome.code;
}

/* An unchanged program finds its server by the operation. */
static void servers(void) {
    static const char text[] =
        "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"hello\"}]}";
    char host[128], other[256];
    int port = 0;
    CHECK_INT(sscanf(setting("TIM_SERVER_URL", ""), "wss://%127[^:]:%d", host, &port), 2);
    /* The operation stands above the environment. */
    setenv("TIM_SERVER_URL", "wss://no-such-host.invalid", 1);
    set_servers(host, port, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    init("");
    CHECK_INT(try_login(), TIM_ERR_TLS_PIN_MISMATCH);
    set_servers(host, port, "");
    /* From the next init on. */
    CHECK_INT(try_login(), TIM_ERR_TLS_PIN_MISMATCH);
    CHECK_INT(tim_init(app(), config("")), TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(operate("set_ui_platform", "\"request_set_ui_platform_param\":4"), TIM_SUCC);
    init("");
    CHECK_INT(try_login(), TIM_SUCC);
    memset(&last, 0, sizeof last);
    CHECK_INT(tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, on_outcome, expect(&last)), TIM_SUCC);
    await(&last);
    CHECK_INT(last.code, TIM_SUCC);
    CHECK(strstr(last.json, "\"message_platform\":4") != NULL);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    /* The config stands above the operation. */
    snprintf(other, sizeof other, ",\"sdk_config_server_url\":\"wss://%s:%d\"", host, port);
    set_servers("no-such-host.invalid", 1, "");
    init(other);
    CHECK_INT(try_login(), TIM_SUCC);
    CHECK_INT(tim_uninit(), TIM_SUCC);
}

int main(void) {
    tim_set_log_callback(on_line, NULL);
    answers(0);
    init("");
    answers(1);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    answers(0);
    if (is_online()) {
        servers();
        set_servers("no-such-host.invalid", 1, "");
        CHECK_INT(operate("set_custom_server_info",
                          "\"request_set_custom_server_info_param\":"
                          "{\"longconnection_address_array\":[],\"server_public_key\":\"\"}"), TIM_SUCC);
        setenv("TIM_SERVER_URL", setting("TIM_TEST_URL", ""), 1);
    }
    storage();
    return 0;
}
