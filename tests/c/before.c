/* Every function of the ledger before tim_init and after tim_uninit. */
#include "common.h"

static pthread_t main_thread;

static void refused(int32_t code, const char *desc, const char *json, const void *user_data) {
    CHECK_INT(code, TIM_ERR_SDK_NOT_INITIALIZED);
    CHECK(desc[0] != '\0');
    CHECK(json[0] == '\0');
    CHECK(pthread_equal(pthread_self(), main_thread));
    ++*(int *)user_data;
}

static void answered(int32_t code, const char *desc, const char *json, const void *user_data) {
    CHECK_INT(code, TIM_SUCC);
    CHECK(desc[0] == '\0');
    CHECK(strstr(json, "\"set_config_log_level\":4") != NULL);
    ++*(int *)user_data;
}

#define OPERATION "{\"request_internal_operation\":\"internal_operation_set_env\"," \
                  "\"request_set_env_param\":false}"

static void told(int32_t code, const char *desc, const char *json, const void *user_data) {
    CHECK_INT(code, TIM_SUCC);
    CHECK(desc[0] == '\0');
    CHECK(strstr(json, "\"response_set_env_res\":false") != NULL);
    ++*(int *)user_data;
}

static void on_notice(const char *key, const char *text, const void *data) {
    (void)key, (void)text, (void)data;
}
static void on_network(tim_network_status status, int32_t code, const char *desc, const void *data) {
    (void)status, (void)code, (void)desc, (void)data;
}
static void on_plain(const void *data) { (void)data; }
static void on_text(const char *text, const void *data) { (void)text, (void)data; }
static void on_log(tim_log_level level, const char *text, const void *data) {
    (void)level, (void)text, (void)data;
}
static void on_conv(tim_conv_event event, const char *text, const void *data) {
    (void)event, (void)text, (void)data;
}
static void on_total(int count, const void *data) { (void)count, (void)data; }
static void on_count(const char *filter, int count, const void *data) {
    (void)filter, (void)count, (void)data;
}
static void on_two(const char *name, const char *text, const void *data) {
    (void)name, (void)text, (void)data;
}
static void on_left(const char *name, const char *text, uint32_t reason, const void *data) {
    (void)name, (void)text, (void)reason, (void)data;
}

/* Each with a callback, then with none. */
#define REFUSED(call_with_cb)                                   \
    do {                                                        \
        int calls = 0;                                          \
        tim_comm_callback cb = refused;                         \
        const void *data = &calls;                              \
        CHECK_INT(call_with_cb, TIM_SUCC);                      \
        CHECK_INT(calls, 1);                                    \
        cb = NULL;                                              \
        CHECK_INT(call_with_cb, TIM_ERR_SDKUNINIT);             \
        CHECK_INT(calls, 1);                                    \
    } while (0)

static void all(void) {
    char buffer[128] = "untouched";
    char stats[4096];
    int calls = 0;
    CHECK_INT(tim_uninit(), TIM_SUCC);
    REFUSED(tim_login("alice", "sig", cb, data));
    REFUSED(tim_logout(cb, data));
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    CHECK_INT(tim_get_login_user_id(buffer), TIM_ERR_SDKUNINIT);
    CHECK_INT(tim_get_login_user_id(NULL), TIM_ERR_SDKUNINIT);
    CHECK(strcmp(buffer, "untouched") == 0);
    CHECK(strcmp(tim_get_sdk_version(), TIM_VERSION) == 0);
    CHECK(llabs((long long)tim_get_server_time() - (long long)time(NULL)) <= 1);
    CHECK_INT(tim_set_config("{\"set_config_log_level\":4}", answered, &calls), TIM_SUCC);
    CHECK_INT(calls, 1);
    CHECK_INT(tim_set_config("{}", NULL, NULL), TIM_SUCC);
    CHECK_INT(tim_call_experimental_api(OPERATION, told, &calls), TIM_SUCC);
    CHECK_INT(calls, 2);
    CHECK_INT(tim_call_experimental_api(OPERATION, NULL, NULL), TIM_SUCC);
    REFUSED(tim_msg_do_background(1, cb, data));
    REFUSED(tim_msg_do_foreground(cb, data));
    CHECK_INT(tim_suspend(), TIM_ERR_SDKUNINIT);
    CHECK_INT(tim_resume(), TIM_ERR_SDKUNINIT);
    CHECK_INT(tim_notify_network_changed(), TIM_ERR_SDKUNINIT);
    REFUSED(tim_get_user_status("[\"bob\"]", cb, data));
    REFUSED(tim_set_self_status("{\"user_status_custom_status\":\"x\"}", cb, data));
    REFUSED(tim_subscribe_user_status("[\"bob\"]", cb, data));
    REFUSED(tim_unsubscribe_user_status(NULL, cb, data));
    REFUSED(tim_msg_send_message("bob", TIM_CONV_C2C, "{}", buffer, cb, data));
    REFUSED(tim_msg_get_msg_list("bob", TIM_CONV_C2C, "{}", cb, data));
    REFUSED(tim_msg_report_readed("bob", TIM_CONV_C2C, "{}", cb, data));
    REFUSED(tim_msg_mark_all_message_as_read(cb, data));
    REFUSED(tim_msg_batch_send("{}", cb, data));
    REFUSED(tim_msg_send_new_msg("bob", TIM_CONV_C2C, "{}", cb, data));
    REFUSED(tim_msg_set_local_custom_data("{}", cb, data));
    REFUSED(tim_msg_find_messages("[\"x\"]", cb, data));
    REFUSED(tim_msg_find_by_msg_locator_list("bob", TIM_CONV_C2C, "[]", cb, data));
    REFUSED(tim_msg_search_local_messages("{}", cb, data));
    REFUSED(tim_msg_save_msg("bob", TIM_CONV_C2C, "{}", cb, data));
    REFUSED(tim_msg_import_msg_list("bob", TIM_CONV_C2C, "[]", cb, data));
    REFUSED(tim_msg_send_new_msg_ex("bob", TIM_CONV_C2C, "{}", cb, cb, data));
    REFUSED(tim_msg_revoke("bob", TIM_CONV_C2C, "{}", cb, data));
    REFUSED(tim_msg_modify_message("{}", cb, data));
    REFUSED(tim_msg_delete("bob", TIM_CONV_C2C, "{}", cb, data));
    REFUSED(tim_msg_list_delete("bob", TIM_CONV_C2C, "[]", cb, data));
    REFUSED(tim_msg_clear_history_message("bob", TIM_CONV_C2C, cb, data));
    REFUSED(tim_msg_cancel_send("bob", TIM_CONV_C2C, "x", cb, data));
    REFUSED(tim_msg_set_c2c_receive_message_opt("[\"bob\"]", TIM_RECV_MSG_OPT_RECEIVE, cb, data));
    REFUSED(tim_msg_get_c2c_receive_message_opt("[\"bob\"]", cb, data));
    REFUSED(tim_msg_set_all_receive_message_opt(TIM_RECV_MSG_OPT_RECEIVE, 0, 0, 0, 0, cb, data));
    REFUSED(tim_msg_set_all_receive_message_opt2(TIM_RECV_MSG_OPT_RECEIVE, 1, 0, cb, data));
    REFUSED(tim_msg_get_all_receive_message_opt(cb, data));
    /* Whether it is initialised comes before all other checks. */
    REFUSED(tim_msg_send_message(NULL, 77, "\xff{", NULL, cb, data));
    REFUSED(tim_conv_get_conv_list(cb, data));
    REFUSED(tim_conv_get_conv_info("[]", cb, data));
    REFUSED(tim_conv_get_total_unread_message_count(cb, data));
    REFUSED(tim_conv_get_conversation_list_by_filter("{}", 0, 1, cb, data));
    REFUSED(tim_conv_create("bob", TIM_CONV_C2C, cb, data));
    CHECK_INT(tim_conv_set_draft("bob", TIM_CONV_C2C, "{}"), TIM_ERR_SDKUNINIT);
    CHECK_INT(tim_conv_cancel_draft("bob", TIM_CONV_C2C), TIM_ERR_SDKUNINIT);
    REFUSED(tim_conv_get_unread_message_count_by_filter("{}", cb, data));
    CHECK_INT(tim_conv_subscribe_unread_message_count_by_filter("{}"), TIM_ERR_SDKUNINIT);
    CHECK_INT(tim_conv_unsubscribe_unread_message_count_by_filter("{}"), TIM_ERR_SDKUNINIT);
    REFUSED(tim_conv_clean_conversation_unread_message_count("c2c_bob", 0, 0, cb, data));
    REFUSED(tim_conv_delete("bob", TIM_CONV_C2C, cb, data));
    REFUSED(tim_conv_delete_conversation_list("[]", true, cb, data));
    REFUSED(tim_conv_pin_conversation("bob", TIM_CONV_C2C, true, cb, data));
    REFUSED(tim_conv_mark_conversation("[\"c2c_bob\"]", 1, true, cb, data));
    REFUSED(tim_conv_set_conversation_custom_data("[\"c2c_bob\"]", "x", cb, data));
    REFUSED(tim_group_create("{}", cb, data));
    REFUSED(tim_group_delete("g", cb, data));
    REFUSED(tim_group_join("g", NULL, cb, data));
    REFUSED(tim_group_quit("g", cb, data));
    REFUSED(tim_group_get_joined_group_list(cb, data));
    REFUSED(tim_group_get_member_info_list("{}", cb, data));
    REFUSED(tim_group_invite_member("{}", cb, data));
    REFUSED(tim_conv_create_conversation_group("g", "[\"c2c_bob\"]", cb, data));
    REFUSED(tim_conv_get_conversation_group_list(cb, data));
    REFUSED(tim_conv_delete_conversation_group("g", cb, data));
    REFUSED(tim_conv_rename_conversation_group("g", "h", cb, data));
    REFUSED(tim_conv_add_conversations_to_group("g", "[\"c2c_bob\"]", cb, data));
    REFUSED(tim_conv_delete_conversations_from_group("g", "[\"c2c_bob\"]", cb, data));
    CHECK(strcmp(buffer, "untouched") == 0);
    for (int round = 0; round < 2; round++) {
        tim_set_network_status_listener_callback(round ? NULL : on_network, NULL);
        tim_set_kicked_offline_callback(round ? NULL : on_plain, NULL);
        tim_set_user_sig_expired_callback(round ? NULL : on_plain, NULL);
        tim_set_self_info_updated_callback(round ? NULL : on_text, NULL);
        tim_set_user_status_changed_callback(round ? NULL : on_text, NULL);
        tim_set_user_info_changed_callback(round ? NULL : on_text, NULL);
        tim_set_experimental_notify_callback(round ? NULL : on_notice, NULL);
        tim_set_log_callback(round ? NULL : on_log, NULL);
        tim_set_msg_revoke_callback(round ? NULL : on_text, NULL);
        tim_set_msg_update_callback(round ? NULL : on_text, NULL);
        tim_set_msg_all_message_receive_option_callback(round ? NULL : on_text, NULL);
        tim_set_msg_readed_receipt_callback(round ? NULL : on_text, NULL);
        tim_set_conv_event_callback(round ? NULL : on_conv, NULL);
        tim_set_conv_total_unread_message_count_changed_callback(round ? NULL : on_total, NULL);
        tim_set_conv_unread_message_count_changed_by_filter_callback(round ? NULL : on_count, NULL);
        tim_set_conv_conversation_group_created_callback(round ? NULL : on_two, NULL);
        tim_set_conv_conversation_group_deleted_callback(round ? NULL : on_text, NULL);
        tim_set_conv_conversation_group_name_changed_callback(round ? NULL : on_two, NULL);
        tim_set_conv_conversations_added_to_group_callback(round ? NULL : on_two, NULL);
        tim_set_conv_conversations_deleted_from_group_callback(round ? NULL : on_left, NULL);
        CHECK_INT(tim_set_wakeup_callback(round ? NULL : on_plain, NULL), TIM_SUCC);
        if (round == 0) {
            tim_add_recv_new_msg_callback(on_text, NULL);
            tim_add_recv_new_msg_callback(NULL, NULL);
        } else {
            tim_remove_recv_new_msg_callback(on_text);
            tim_remove_recv_new_msg_callback(NULL);
        }
    }
    CHECK_INT(tim_poll(0, 0), TIM_ERR_SDKUNINIT);
    CHECK_INT(tim_poll_fd(), -1);
    CHECK(tim_get_stats(stats, sizeof stats) > 0);
    CHECK(strstr(stats, "\"initialised\":false") != NULL);
    CHECK(strcmp(tim_error_name(TIM_ERR_SDK_NOT_LOGGED_IN), "TIM_ERR_SDK_NOT_LOGGED_IN") == 0);
    CHECK_INT(tim_init(0, NULL), TIM_ERR_PARAM);
}

int main(void) {
    main_thread = pthread_self();
    all();
    init("");
    CHECK_INT(tim_uninit(), TIM_SUCC);
    all();
    return 0;
}
