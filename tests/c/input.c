/* Bad input: each has its documented code, and no callback when the call was not accepted. */
#include "common.h"

static struct outcome last;

static void on_no_id(int32_t code, const char *desc, const char *json, const void *data) {
    (void)code, (void)desc, (void)json, (void)data;
    CHECK(!"told of an id");
}
static int events;

static void on_log(tim_log_level level, const char *text, const void *user_data) {
    CHECK(text != NULL && strchr(text, '\n') == NULL);
    (void)level, (void)user_data;
    pthread_mutex_lock(&lock);
    events++;
    pthread_mutex_unlock(&lock);
}

/* Refused at once. */
#define REFUSED(wanted, call)                    \
    do {                                         \
        memset(&last, 0, sizeof last);           \
        CHECK_INT(call, wanted);                 \
    } while (0)

static const char *const bad_json[] = {"{", "[", "nonsense", "3", "null", "\"text\"", "{\"a\":1,}",
                                       "[1,]", "{} x", "{'a':1}", "{\"a\":\"\xff\"}",
                                       "[\"\\ud800\"]", NULL};

static char *nested(char open, char close, size_t depth) {
    char *text = malloc(2 * depth + 1);
    memset(text, open, depth);
    memset(text + depth, close, depth);
    text[2 * depth] = '\0';
    return text;
}

static void syntax(void) {
    char buffer[128];
    for (size_t i = 0; bad_json[i] != NULL; i++) {
        const char *json = bad_json[i];
        REFUSED(TIM_ERR_JSON, tim_set_config(json, CB));
        REFUSED(TIM_ERR_JSON, tim_get_user_status(json, CB));
        REFUSED(TIM_ERR_JSON, tim_set_self_status(json, CB));
        REFUSED(TIM_ERR_JSON, tim_subscribe_user_status(json, CB));
        REFUSED(TIM_ERR_JSON, tim_unsubscribe_user_status(json, CB));
        REFUSED(TIM_ERR_JSON, tim_profile_get_user_profile_list(json, CB));
        REFUSED(TIM_ERR_JSON, tim_profile_modify_self_user_profile(json, CB));
        REFUSED(TIM_ERR_JSON, tim_subscribe_user_info(json, CB));
        REFUSED(TIM_ERR_JSON, tim_unsubscribe_user_info(json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_send_message("bob", TIM_CONV_C2C, json, buffer, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_get_msg_list("bob", TIM_CONV_C2C, json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_report_readed("bob", TIM_CONV_C2C, json, CB));
        REFUSED(TIM_ERR_JSON, tim_conv_get_conv_info(json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_batch_send(json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_send_new_msg("bob", TIM_CONV_C2C, json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_set_local_custom_data(json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_find_messages(json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_find_by_msg_locator_list("bob", TIM_CONV_C2C, json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_search_local_messages(json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_save_msg("bob", TIM_CONV_C2C, json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_import_msg_list("bob", TIM_CONV_C2C, json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_send_new_msg_ex("bob", TIM_CONV_C2C, json, NULL, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_revoke("bob", TIM_CONV_C2C, json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_modify_message(json, CB));
        REFUSED(TIM_ERR_JSON, tim_group_create(json, CB));
        REFUSED(TIM_ERR_JSON, tim_group_get_member_info_list(json, CB));
        REFUSED(TIM_ERR_JSON, tim_group_invite_member(json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_delete("bob", TIM_CONV_C2C, json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_list_delete("bob", TIM_CONV_C2C, json, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_set_c2c_receive_message_opt(json, 2, CB));
        REFUSED(TIM_ERR_JSON, tim_msg_get_c2c_receive_message_opt(json, CB));
    }
    /* Object where an array is due, and the other way round. */
    REFUSED(TIM_ERR_JSON, tim_get_user_status("{}", CB));
    REFUSED(TIM_ERR_JSON, tim_subscribe_user_status("{}", CB));
    REFUSED(TIM_ERR_JSON, tim_unsubscribe_user_status("{}", CB));
    REFUSED(TIM_ERR_JSON, tim_subscribe_user_info("{}", CB));
    REFUSED(TIM_ERR_JSON, tim_unsubscribe_user_info("{}", CB));
    REFUSED(TIM_ERR_JSON, tim_profile_get_user_profile_list("[]", CB));
    REFUSED(TIM_ERR_JSON, tim_profile_modify_self_user_profile("[]", CB));
    REFUSED(TIM_ERR_JSON, tim_conv_get_conv_info("{}", CB));
    REFUSED(TIM_ERR_JSON, tim_set_config("[]", CB));
    REFUSED(TIM_ERR_JSON, tim_set_self_status("[]", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_send_message("bob", TIM_CONV_C2C, "[]", buffer, CB));
    REFUSED(TIM_ERR_JSON, tim_msg_get_msg_list("bob", TIM_CONV_C2C, "[]", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_set_local_custom_data("[]", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_find_messages("{}", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_find_by_msg_locator_list("bob", TIM_CONV_C2C, "{}", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_search_local_messages("[]", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_save_msg("bob", TIM_CONV_C2C, "[]", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_import_msg_list("bob", TIM_CONV_C2C, "{}", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_revoke("bob", TIM_CONV_C2C, "[]", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_modify_message("[]", CB));
    REFUSED(TIM_ERR_JSON, tim_group_create("[]", CB));
    REFUSED(TIM_ERR_JSON, tim_group_get_member_info_list("[]", CB));
    REFUSED(TIM_ERR_JSON, tim_group_invite_member("[]", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_delete("bob", TIM_CONV_C2C, "[]", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_list_delete("bob", TIM_CONV_C2C, "{}", CB));
    REFUSED(TIM_ERR_JSON, tim_msg_set_c2c_receive_message_opt("{}", 2, CB));
    REFUSED(TIM_ERR_JSON, tim_msg_get_c2c_receive_message_opt("{}", CB));
    char *deep = nested('[', ']', 10000);
    REFUSED(TIM_ERR_JSON, tim_get_user_status(deep, CB));
    free(deep);
    CHECK_INT(last.calls, 0);
}

static void pointers(void) {
    char buffer[128];
    const char *empty[] = {NULL, ""};
    for (int i = 0; i < 2; i++) {
        const char *e = empty[i];
        REFUSED(TIM_ERR_PARAM, tim_login(e, "sig", CB));
        REFUSED(TIM_ERR_PARAM, tim_login("alice", e, CB));
        REFUSED(TIM_ERR_PARAM, tim_set_config(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_get_user_status(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_profile_get_user_profile_list(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_profile_modify_self_user_profile(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_subscribe_user_info(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_set_self_status(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_subscribe_user_status(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_send_message(e, TIM_CONV_C2C, "{}", buffer, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_send_message("bob", TIM_CONV_C2C, e, buffer, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_get_msg_list(e, TIM_CONV_C2C, "{}", CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_get_msg_list("bob", TIM_CONV_C2C, e, CB));
        REFUSED(TIM_ERR_PARAM, tim_conv_get_conv_info(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_batch_send(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_send_new_msg(e, TIM_CONV_C2C, "{}", CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_send_new_msg("bob", TIM_CONV_C2C, e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_set_local_custom_data(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_find_messages(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_set_c2c_receive_message_opt(e, 2, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_get_c2c_receive_message_opt(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_find_by_msg_locator_list(e, TIM_CONV_C2C, "[]", CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_find_by_msg_locator_list("bob", TIM_CONV_C2C, e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_search_local_messages(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_save_msg(e, TIM_CONV_C2C, "{}", CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_save_msg("bob", TIM_CONV_C2C, e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_import_msg_list(e, TIM_CONV_C2C, "[]", CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_import_msg_list("bob", TIM_CONV_C2C, e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_send_new_msg_ex(e, TIM_CONV_C2C, "{}", NULL, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_revoke(e, TIM_CONV_C2C, "{}", CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_revoke("bob", TIM_CONV_C2C, e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_modify_message(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_group_create(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_group_delete(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_group_join(e, "hello", CB));
        REFUSED(TIM_ERR_PARAM, tim_group_quit(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_group_get_member_info_list(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_group_invite_member(e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_delete(e, TIM_CONV_C2C, "{}", CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_delete("bob", TIM_CONV_C2C, e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_list_delete(e, TIM_CONV_C2C, "[]", CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_list_delete("bob", TIM_CONV_C2C, e, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_clear_history_message(e, TIM_CONV_C2C, CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_cancel_send(e, TIM_CONV_C2C, "x", CB));
        REFUSED(TIM_ERR_PARAM, tim_msg_cancel_send("bob", TIM_CONV_C2C, e, CB));
    }
    REFUSED(TIM_ERR_PARAM, tim_get_login_user_id(NULL));
    REFUSED(TIM_ERR_PARAM, tim_get_stats(NULL, 5));
    REFUSED(TIM_ERR_PARAM, tim_login("\xc3\x28", "sig", CB));
    REFUSED(TIM_ERR_PARAM, tim_login("alice", "\xff", CB));
    REFUSED(TIM_ERR_PARAM, tim_group_join("g", "\xff", CB));
    REFUSED(TIM_ERR_PARAM, tim_msg_send_message("\xff", TIM_CONV_C2C, "{}", buffer, CB));
    REFUSED(TIM_ERR_PARAM, tim_msg_report_readed("\xff", TIM_CONV_C2C, NULL, CB));
    char *text = malloc(9 * 1024 * 1024);
    memset(text, 'a', 9 * 1024 * 1024);
    text[9 * 1024 * 1024 - 1] = '\0';
    REFUSED(TIM_ERR_PARAM, tim_login(text, "sig", CB));
    REFUSED(TIM_ERR_PARAM, tim_login("alice", text, CB));
    REFUSED(TIM_ERR_PARAM, tim_get_user_status(text, CB));
    free(text);
    const int32_t types[] = {TIM_CONV_INVALID, TIM_CONV_SYSTEM, 4, -1, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        REFUSED(TIM_ERR_CONV, tim_msg_send_message("bob", types[i], "{}", buffer, CB));
        REFUSED(TIM_ERR_CONV, tim_msg_get_msg_list("bob", types[i], "{}", CB));
        REFUSED(TIM_ERR_CONV, tim_msg_report_readed("bob", types[i], NULL, CB));
        REFUSED(TIM_ERR_CONV, tim_msg_find_by_msg_locator_list("bob", types[i], "[]", CB));
        REFUSED(TIM_ERR_CONV, tim_msg_send_new_msg("bob", types[i], "{}", CB));
        REFUSED(TIM_ERR_CONV, tim_msg_save_msg("bob", types[i], "{}", CB));
        REFUSED(TIM_ERR_CONV, tim_msg_import_msg_list("bob", types[i], "[]", CB));
    }
    CHECK_INT(last.calls, 0);
}

/* Nobody is logged in: said before keys and values are looked at. */
static void not_logged_in(void) {
    char buffer[128];
    const char *texts[] = {"{}", "{\"message_elem_array\":7}"};
    for (int i = 0; i < 2; i++) {
        const char *json = texts[i];
        COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN,
                  tim_msg_send_message("bob", TIM_CONV_C2C, json, buffer, CB));
        REFUSED(TIM_ERR_NOTLOGIN, tim_msg_send_message("bob", TIM_CONV_C2C, json, NULL, NULL, NULL));
    }
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_mark_all_message_as_read(CB));
    /* Nothing is sent, so no id is told. */
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN,
              tim_msg_send_new_msg_ex("bob", TIM_CONV_C2C,
                                      "{\"message_elem_array\":[{\"elem_type\":0,"
                                      "\"text_elem_content\":\"x\"}]}", on_no_id, CB));
    CHECK_INT(tim_msg_send_new_msg_ex("bob", TIM_CONV_C2C,
                                      "{\"message_elem_array\":[{\"elem_type\":0,"
                                      "\"text_elem_content\":\"x\"}]}", on_no_id, NULL, NULL),
              TIM_ERR_NOTLOGIN);
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_batch_send("{}", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_send_new_msg("bob", TIM_CONV_C2C, "{}", CB));
    REFUSED(TIM_ERR_NOTLOGIN, tim_msg_mark_all_message_as_read(NULL, NULL));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_set_local_custom_data("{}", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_find_messages("[7]", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN,
              tim_msg_find_by_msg_locator_list("bob", TIM_CONV_C2C, "[{}]", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_search_local_messages("{}", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_save_msg("bob", TIM_CONV_C2C, "{}", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_import_msg_list("bob", TIM_CONV_C2C, "[{}]", CB));
    REFUSED(TIM_ERR_NOTLOGIN, tim_msg_find_messages("[\"x\"]", NULL, NULL));
    REFUSED(TIM_ERR_NOTLOGIN, tim_msg_save_msg("bob", TIM_CONV_C2C, "{}", NULL, NULL));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_set_c2c_receive_message_opt("[7]", 9, CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_get_c2c_receive_message_opt("[7]", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_set_all_receive_message_opt(1, 24, 0, 0, 0, CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_set_all_receive_message_opt2(2, 0, 0, CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_get_all_receive_message_opt(CB));
    REFUSED(TIM_ERR_NOTLOGIN, tim_msg_get_all_receive_message_opt(NULL, NULL));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_get_user_status("[\"bob\"]", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_get_user_status("[7]", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_profile_get_user_profile_list("{}", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_profile_modify_self_user_profile("{}", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_subscribe_user_info("[\"bob\"]", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_unsubscribe_user_info(NULL, CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN,
              tim_set_self_status("{\"user_status_custom_status\":\"x\"}", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_subscribe_user_status("[\"bob\"]", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_unsubscribe_user_status(NULL, CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_unsubscribe_user_status("", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_unsubscribe_user_status("[]", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_report_readed("bob", TIM_CONV_C2C, "", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_report_readed(NULL, TIM_CONV_C2C, NULL, CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_conv_get_conv_list(CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_conv_get_conv_info("[]", CB));
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_conv_get_total_unread_message_count(CB));
    REFUSED(TIM_ERR_NOTLOGIN, tim_get_user_status("[\"bob\"]", NULL, NULL));
    REFUSED(TIM_ERR_NOTLOGIN, tim_unsubscribe_user_status(NULL, NULL, NULL));
    REFUSED(TIM_ERR_NOTLOGIN, tim_msg_get_msg_list("bob", TIM_CONV_C2C, "{}", NULL, NULL));
    REFUSED(TIM_ERR_NOTLOGIN, tim_conv_get_conv_list(NULL, NULL));
    /* Logging out is right at any time. */
    COMPLETED(TIM_SUCC, tim_logout(CB));
    CHECK_INT(tim_logout(NULL, NULL), TIM_SUCC);
    memset(buffer, 'x', sizeof buffer);
    CHECK_INT(tim_get_login_user_id(buffer), TIM_SUCC);
    CHECK(strcmp(buffer, "") == 0);
}

static void tickets(void) {
    char id[200];
    memset(id, 'a', sizeof id);
    id[40] = '\0';
    const char *sig = setting("TIM_TEST_SIG", "");
    COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, tim_login(id, sig, CB));
    COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, tim_login("al ice", sig, CB));
    COMPLETED(TIM_ERR_SVR_ACCOUNT_USERSIG_CHECK_FAILED, tim_login("alice", "garbage", CB));
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    COMPLETED(70013, tim_login("bob", sig, CB));
    COMPLETED(6206, tim_login("alice", setting("TIM_TEST_EXPIRED_SIG", ""), CB));
    COMPLETED(70014, tim_login("alice", setting("TIM_TEST_OTHER_APP_SIG", ""), CB));
    /* Cut off, wherever that is, and with a character changed. */
    char cut[4096];
    size_t length = strlen(sig);
    CHECK(length > 100 && length < sizeof cut);
    for (size_t i = 1; i < length; i++) {
        snprintf(cut, sizeof cut, "%.*s", (int)i, sig);
        COMPLETED(TIM_ERR_SVR_ACCOUNT_USERSIG_CHECK_FAILED, tim_login("alice", cut, CB));
    }
    snprintf(cut, sizeof cut, "%s", sig);
    cut[length / 2] = cut[length / 2] == 'A' ? 'B' : 'A';
    COMPLETED(TIM_ERR_SVR_ACCOUNT_USERSIG_CHECK_FAILED, tim_login("alice", cut, CB));
    /* Only the server knows the key. */
    const char *other_key = setting("TIM_TEST_OTHER_KEY_SIG", "");
    COMPLETED(is_online() ? 70009 : TIM_ERR_NO_SERVER, tim_login("alice", other_key, CB));
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
}

static void settings(void) {
    COMPLETED(TIM_SUCC, tim_set_config("{}", CB));
    CHECK(strstr(last.json, "\"set_config_log_level\":3") != NULL);
    COMPLETED(TIM_SUCC, tim_set_config("{\"unknown\":1,\"set_config_user_define_data\":\"a\","
                                       "\"set_config_user_define_data\":\"b\"}", CB));
    CHECK(strstr(last.json, "\"set_config_user_define_data\":\"b\"") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_set_config("{\"set_config_log_level\":8}", CB));
    CHECK(strstr(last.desc, "set_config_log_level") != NULL);
    REFUSED(TIM_ERR_PARAM, tim_set_config("{\"set_config_log_level\":8}", NULL, NULL));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_set_config("{\"set_config_socks5_proxy_info\":{\"socks5_proxy_info_ip\":\"1.1.1.1\","
                             "\"socks5_proxy_info_port\":0}}", CB));
    CHECK(strstr(last.desc, "socks5_proxy_info_port: ") == last.desc);
    COMPLETED(TIM_ERR_NOT_SUPPORTED, tim_set_config("{\"set_config_pac_proxy_info\":{}}", CB));
    COMPLETED(TIM_SUCC,
              tim_set_config("{\"set_config_http_proxy_info\":{\"http_proxy_info_ip\":\"1.1.1.1\","
                             "\"http_proxy_info_port\":1,\"http_proxy_info_username\":\"u\","
                             "\"http_proxy_info_password\":\"secret\"}}", CB));
    CHECK(strstr(last.json, "1.1.1.1") != NULL && strstr(last.json, "secret") == NULL);
}

/* IDs that can be nobody's: refused wherever they stand, and nothing is kept of them. */
static void identifiers(void) {
    static const char good[] =
        "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"x\"}]}";
    static const char *const bad[] = {"a b", "b\xc3\xb6" "b", "a.b", "@TIM#SYSTEM", "c2c_bob/",
                                      "a123456789b123456789c123456789d12", NULL};
    char id[128], users[128], convs[256];
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    CHECK(strstr(last.json, "a b") == NULL);
    for (size_t i = 0; bad[i] != NULL; i++) {
        snprintf(users, sizeof users, "[\"bob\",\"%s\"]", bad[i]);
        snprintf(convs, sizeof convs,
                 "[{\"get_conversation_list_param_conv_id\":\"%s\","
                 "\"get_conversation_list_param_conv_type\":1}]", bad[i]);
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER,
                  tim_msg_send_message(bad[i], TIM_CONV_C2C, good, id, CB));
        CHECK(strstr(last.desc, "conv_id") != NULL && strstr(last.desc, "1 to 32") != NULL);
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER,
                  tim_msg_get_msg_list(bad[i], TIM_CONV_C2C, "{}", CB));
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER,
                  tim_msg_report_readed(bad[i], TIM_CONV_C2C, NULL, CB));
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER,
                  tim_msg_save_msg(bad[i], TIM_CONV_C2C, good, CB));
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER,
                  tim_msg_find_by_msg_locator_list(bad[i], TIM_CONV_C2C,
                                                   "[{\"message_locator_seq\":1}]", CB));
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, tim_conv_get_conv_info(convs, CB));
        CHECK(strstr(last.desc, "[0].get_conversation_list_param_conv_id") != NULL);
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, tim_get_user_status(users, CB));
        CHECK(strstr(last.desc, "[1]") != NULL);
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, tim_subscribe_user_status(users, CB));
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, tim_subscribe_user_info(users, CB));
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, tim_unsubscribe_user_info(users, CB));
        COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, tim_unsubscribe_user_status(users, CB));
    }
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    CHECK(strcmp(last.json, "[]") == 0);
}

/* Keys and values, once somebody is logged in. */
static void values(void) {
    static const char *const bad[] = {
        "{}", "{\"message_elem_array\":{}}", "{\"message_elem_array\":[3]}",
        "{\"message_elem_array\":[{}]}", "{\"message_elem_array\":[{\"elem_type\":0}]}",
        "{\"message_elem_array\":[{\"elem_type\":\"0\",\"text_elem_content\":\"x\"}]}",
        "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":7}]}",
        "{\"message_elem_array\":[{\"elem_type\":0.5,\"text_elem_content\":\"x\"}]}",
        "{\"message_elem_array\":[{\"elem_type\":99999999999999999999,\"text_elem_content\":\"x\"}]}",
        "{\"message_elem_array\":[{\"elem_type\":6}]}",
        "{\"message_elem_array\":[{\"elem_type\":7,\"location_elem_latitude\":1}]}",
        "{\"message_elem_array\":[[0,\"x\",null,null,null,null,null,null,null,null,null]]}",
        NULL};
    char buffer[128];
    for (size_t i = 0; bad[i] != NULL; i++) {
        COMPLETED(TIM_ERR_INVALID_PARAMETERS,
                  tim_msg_send_message("bob", TIM_CONV_C2C, bad[i], buffer, CB));
        CHECK(strstr(last.desc, "elem") != NULL);
        /* In the words of JSON, not of the library's insides. */
        CHECK(strstr(last.desc, "struct") == NULL && strstr(last.desc, "i32") == NULL);
        CHECK(strstr(last.desc, "Elem") == NULL && strstr(last.desc, "sequence") == NULL);
    }
    /* No element, and more than there may be. */
    static const char elem[] = "{\"elem_type\":0,\"text_elem_content\":\"x\"},";
    char *many = malloc(101 * sizeof elem + 100);
    for (int count = 0; count <= 101; count += 101) {
        strcpy(many, "{\"message_elem_array\":[");
        size_t end = strlen(many);
        for (int i = 0; i < count; i++, end += sizeof elem - 1) {
            memcpy(many + end, elem, sizeof elem);
        }
        strcpy(many + end - (count > 0), "]}");
        COMPLETED(TIM_ERR_INVALID_PARAMETERS,
                  tim_msg_send_message("bob", TIM_CONV_C2C, many, buffer, CB));
        CHECK(strstr(last.desc, "message_elem_array") && strstr(last.desc, "1 to 100"));
    }
    free(many);
    COMPLETED(TIM_ERR_INVALID_MSG_ELEM,
              tim_msg_send_message("bob", TIM_CONV_C2C,
                                   "{\"message_elem_array\":[{\"elem_type\":99}]}", buffer, CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_profile_get_user_profile_list("{}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_profile_get_user_profile_list(
                  "{\"friendship_getprofilelist_param_identifier_array\":\"bob\"}", CB));
    CHECK(strstr(last.desc, "friendship_getprofilelist_param_identifier_array") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_profile_modify_self_user_profile("{\"user_profile_item_level\":-1}", CB));
    CHECK(strstr(last.desc, "user_profile_item_level") != NULL);
    COMPLETED(TIM_ERR_SVR_PROFILE_VALUE_ERROR,
              tim_profile_modify_self_user_profile("{\"user_profile_item_gender\":3}", CB));
    COMPLETED(TIM_ERR_SDK_FRIENDSHIP_INVALID_PROFILE_KEY,
              tim_profile_modify_self_user_profile(
                  "{\"user_profile_item_custom_string_array\":"
                  "[{\"user_profile_custom_string_info_key\":\"a1\","
                  "\"user_profile_custom_string_info_value\":\"x\"}]}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_subscribe_user_info("[7]", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_unsubscribe_user_info("[7]", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_get_user_status("[7]", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_subscribe_user_status("[null]", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_set_self_status("{}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_set_self_status("{\"user_status_custom_status\":1}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_conv_get_conv_info("[{}]", CB));
    /* Values without their keys, in an array where an object is due. */
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_conv_get_conv_info("[[\"bob\",1]]", CB));
    CHECK(strstr(last.desc, "[0]: expected an object") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_get_msg_list("bob", TIM_CONV_C2C,
                                   "{\"msg_getmsglist_param_last_msg\":[\"x\",1]}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_profile_modify_self_user_profile(
                  "{\"user_profile_item_custom_string_array\":[[\"a\",\"x\"]]}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_get_msg_list("bob", TIM_CONV_C2C,
                                   "{\"msg_getmsglist_param_count\":\"many\"}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_get_msg_list("bob", TIM_CONV_C2C, "{\"msg_getmsglist_param_count\":-1}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_send_new_msg("bob", TIM_CONV_C2C, "{}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_batch_send("{}", CB));
    CHECK(strstr(last.desc, "msg_batch_send_param_identifier_array") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_batch_send("{\"msg_batch_send_param_identifier_array\":[],"
                                 "\"msg_batch_send_param_msg\":{\"message_elem_array\":[{\"elem_type\":0,"
                                 "\"text_elem_content\":\"x\"}]}}", CB));
    CHECK(strstr(last.desc, "1 to 500") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_batch_send("{\"msg_batch_send_param_identifier_array\":[\"bob\"],"
                                 "\"msg_batch_send_param_msg\":{\"message_elem_array\":[],"
                                 "\"message_custom_int\":-1}}", CB));
    CHECK(strstr(last.desc, "msg_batch_send_param_msg.message_custom_int") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_set_local_custom_data("{\"message_msg_id\":\"nobody\"}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_set_local_custom_data(
                  "{\"message_msg_id\":\"x\",\"message_custom_int\":-1}", CB));
    CHECK(strstr(last.desc, "message_custom_int") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_find_messages("[7]", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_find_messages("[]", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_set_c2c_receive_message_opt("[7]", 2, CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_get_c2c_receive_message_opt("[7]", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_revoke("bob", TIM_CONV_C2C, "{}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_modify_message("{}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_group_create("{}", CB));
    CHECK(strstr(last.desc, "create_group_param_group_name") != NULL);
    COMPLETED(TIM_ERR_SDK_GROUP_INVALID_NAME,
              tim_group_create("{\"create_group_param_group_name\":\"\"}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_group_get_member_info_list("{}", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_group_invite_member("{}", CB));
    COMPLETED(TIM_ERR_SDK_GROUP_INVALID_ID, tim_group_join("\xc3\xa4", NULL, CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_delete("bob", TIM_CONV_C2C, "{}", CB));
    CHECK(strstr(last.desc, "msg_delete_param_msg") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_list_delete("bob", TIM_CONV_C2C, "[7]", CB));
    REFUSED(TIM_ERR_CONV, tim_msg_clear_history_message("bob", (tim_conv_type)9, CB));
    COMPLETED(TIM_ERR_SDK_COMM_INVALID_IDENTIFIER,
              tim_msg_clear_history_message("no user", TIM_CONV_C2C, CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_find_by_msg_locator_list("bob", TIM_CONV_C2C, "[{}]", CB));
    CHECK(strstr(last.desc, "message_locator_seq") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_save_msg("bob", TIM_CONV_C2C, "{}", CB));
    CHECK(strstr(last.desc, "message_elem_array") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_save_msg("bob", TIM_CONV_C2C,
                               "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"x\"}],"
                               "\"message_sender\":\"eve\"}", CB));
    CHECK(strstr(last.desc, "message_sender") != NULL);
    COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_import_msg_list("bob", TIM_CONV_C2C, "[]", CB));
    COMPLETED(TIM_ERR_INVALID_PARAMETERS,
              tim_msg_import_msg_list("bob", TIM_CONV_C2C,
                                      "[{\"message_elem_array\":[{\"elem_type\":0,"
                                      "\"text_elem_content\":\"x\"}],"
                                      "\"message_server_time\":9223372036854775808}]", CB));
    CHECK(strstr(last.desc, "[0].message_server_time") != NULL);
    /* A text that is too large, and one that is not. */
    char *big = malloc(14000);
    strcpy(big, "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"");
    size_t at = strlen(big);
    memset(big + at, 'x', 12 * 1024 + 1);
    strcpy(big + at + 12 * 1024 + 1, "\"}]}");
    COMPLETED(8001, tim_msg_send_message("bob", TIM_CONV_C2C, big, buffer, CB));
    strcpy(big + at + 12 * 1024, "\"}]}");
    COMPLETED(TIM_SUCC, tim_msg_send_message("bob", TIM_CONV_C2C, big, buffer, CB));
    free(big);
    /* Emoji as a surrogate pair, unknown keys. */
    COMPLETED(TIM_SUCC, tim_msg_send_message("bob", TIM_CONV_C2C,
                                             "{\"x\":[],\"message_elem_array\":[{\"elem_type\":0,"
                                             "\"text_elem_content\":\"\\ud83d\\ude00\"}]}",
                                             buffer, CB));
    CHECK(strstr(last.json, "\xf0\x9f\x98\x80") != NULL);
    CHECK(strstr(last.json, buffer) != NULL);
    CHECK(strncmp(buffer, "alice-", 6) == 0);
}

int main(void) {
    tim_set_log_callback(on_log, NULL);
    CHECK_INT(tim_init(1, "[]"), TIM_ERR_JSON);
    CHECK_INT(tim_init(1, "3"), TIM_ERR_JSON);
    CHECK_INT(tim_init(1, "{} x"), TIM_ERR_JSON);
    CHECK_INT(tim_init(1, "{\"a\":\"\xff\"}"), TIM_ERR_JSON);
    CHECK_INT(tim_init(0, "{}"), TIM_ERR_PARAM);
    /* Each says why in the log. */
    CHECK_INT(events, 5);
    CHECK_INT(tim_init(1, "{\"sdk_config_config_file_path\":7}"), TIM_ERR_PARAM);
    CHECK_INT(events, 6);
    CHECK_INT(tim_init(1, "{\"sdk_config_config_file_path\":\"/dev/null/x\"}"), TIM_ERR_PARAM);
    CHECK(events > 6);
    char stats[4096];
    CHECK(tim_get_stats(stats, sizeof stats) > 0);
    CHECK(strstr(stats, "/dev/null/x") != NULL);
    CHECK_INT(tim_init(1, config(",\"sdk_config_callback_mode\":\"both\"")), TIM_ERR_PARAM);
    CHECK_INT(tim_init(1, config(",\"sdk_config_server_url\":\"http://x\"")), TIM_ERR_PARAM);
    CHECK_INT(tim_init(1, config(",\"sdk_config_server_ca_file\":\"/no/such/file\"")), TIM_ERR_PARAM);
    CHECK_INT(tim_init(1, config(",\"sdk_config_server_pins\":\"abc\"")), TIM_ERR_PARAM);
    init("");
    settings();
    syntax();
    pointers();
    not_logged_in();
    tickets();
    CHECK_INT(tim_get_stats(NULL, 0), tim_get_stats(NULL, 0));
    char little[4] = "abc";
    CHECK(tim_get_stats(little, sizeof little) > 4);
    CHECK(strcmp(little, "") == 0);
    if (is_online()) {
        login();
        identifiers();
        values();
        syntax();
        pointers();
    }
    CHECK_INT(tim_uninit(), TIM_SUCC);
    return 0;
}
