/* Against a server: login, sending, reading, leaving with calls under way. */
#include "common.h"

static struct outcome last;
static int completions, statuses_seen;

static void on_login(int32_t code, const char *desc, const char *json, const void *data) {
    char user[128];
    (void)desc, (void)json, (void)data;
    CHECK_INT(code, TIM_SUCC);
    /* From the callback's own moment. */
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_LOGINED);
    CHECK_INT(tim_get_login_user_id(user), TIM_SUCC);
    CHECK(strcmp(user, "alice") == 0);
    pthread_mutex_lock(&lock);
    statuses_seen++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_logout(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json, (void)data;
    CHECK_INT(code, TIM_SUCC);
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    pthread_mutex_lock(&lock);
    statuses_seen++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Told of the own profile, on the device that changed it as well. */
static void on_self_info(const char *json, const void *data) {
    CHECK(strstr(json, "\"user_profile_identifier\":\"alice\"") != NULL);
    CHECK(strstr(json, "\"user_profile_nick_name\":\"Alice \xf0\x9f\x91\x8b\"") != NULL);
    pthread_mutex_lock(&lock);
    ++*(int *)(uintptr_t)data;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void profiles(void) {
    static int told;
    tim_set_self_info_updated_callback(on_self_info, &told);
    COMPLETED(TIM_SUCC,
              tim_profile_modify_self_user_profile(
                  "{\"user_profile_item_nick_name\":\"Alice \xf0\x9f\x91\x8b\","
                  "\"user_profile_item_gender\":2,\"user_profile_item_custom_string_array\":"
                  "[{\"user_profile_custom_string_info_key\":\"team\","
                  "\"user_profile_custom_string_info_value\":\"red\"}]}", CB));
    CHECK(last.json[0] == '\0');
    await_count(&told, 1);
    COMPLETED(TIM_SUCC, tim_profile_get_user_profile_list(
                            "{\"friendship_getprofilelist_param_identifier_array\":"
                            "[\"alice\",\"nobody\"],"
                            "\"friendship_getprofilelist_param_force_update\":true}", CB));
    CHECK(strstr(last.json, "\"user_profile_gender\":2") != NULL);
    CHECK(strstr(last.json, "\"Tag_Profile_Custom_team\"") != NULL);
    CHECK(strstr(last.json, "nobody") == NULL);
    COMPLETED(TIM_SUCC, tim_subscribe_user_info("[\"bob\"]", CB));
    COMPLETED(TIM_SUCC, tim_unsubscribe_user_info("[\"bob\"]", CB));
    COMPLETED(TIM_SUCC, tim_unsubscribe_user_info(NULL, CB));
    tim_set_self_info_updated_callback(NULL, NULL);
}

/* To many, each with an outcome of his own; the older forms. */
static void other_forms(const char *text) {
    char json[512];
    snprintf(json, sizeof json,
             "{\"msg_batch_send_param_identifier_array\":[\"bob\",\"nobody\",\"no user\",\"alice\"],"
             "\"msg_batch_send_param_msg\":%s}", text);
    COMPLETED(TIM_SUCC, tim_msg_batch_send(json, CB));
    const char *bob = strstr(last.json, "\"msg_batch_send_result_identifier\":\"bob\","
                                        "\"msg_batch_send_result_code\":0,");
    const char *nobody = strstr(last.json, "\"msg_batch_send_result_identifier\":\"nobody\","
                                           "\"msg_batch_send_result_code\":20003,");
    const char *bad = strstr(last.json, "\"msg_batch_send_result_identifier\":\"no user\","
                                        "\"msg_batch_send_result_code\":7003,");
    const char *own = strstr(last.json, "\"msg_batch_send_result_identifier\":\"alice\","
                                        "\"msg_batch_send_result_code\":0,");
    CHECK(bob != NULL && nobody > bob && bad > nobody && own > bad);
    /* The messages that were sent, each of its conversation. */
    const char *to_bob = strstr(last.json, "\"message_conv_id\":\"bob\"");
    CHECK(to_bob > bob && to_bob < nobody);
    CHECK(strstr(own, "\"message_conv_id\":\"alice\"") != NULL);
    CHECK(strstr(nobody, "\"message_conv_id\":\"nobody\"") == NULL);
    COMPLETED(TIM_SUCC, tim_msg_send_new_msg("bob", TIM_CONV_C2C, text, CB));
    CHECK(strstr(last.json, "\"message_status\":2") != NULL);
    COMPLETED(TIM_SUCC, tim_msg_mark_all_message_as_read(CB));
    CHECK(last.json[0] == '\0');
}

static void on_sent(int32_t code, const char *desc, const char *json, const void *data) {
    (void)desc, (void)json, (void)data;
    CHECK(code == TIM_SUCC || code == TIM_ERR_SDK_COMM_INTERRUPT);
    pthread_mutex_lock(&lock);
    completions++;
    pthread_mutex_unlock(&lock);
}

int main(void) {
    const char *sig = setting("TIM_TEST_SIG", "");
    const char *text = "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"hello\"}]}";
    char id[128], list[512];
    init("");
    CHECK_INT(tim_login("alice", sig, on_login, NULL), TIM_SUCC);
    if (polls()) {
        CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_LOGINING);
    }
    /* From the first moment on. */
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    await_count(&statuses_seen, 1);
    COMPLETED(TIM_SUCC, tim_msg_send_message("bob", TIM_CONV_C2C, text, id, CB));
    CHECK(strncmp(id, "alice-", 6) == 0);
    CHECK(strstr(last.json, id) != NULL);
    CHECK(strstr(last.json, "\"message_status\":2") != NULL);
    COMPLETED(TIM_SUCC, tim_msg_get_msg_list("bob", TIM_CONV_C2C, "{}", CB));
    CHECK(strstr(last.json, id) != NULL);
    snprintf(list, sizeof list, "{\"message_msg_id\":\"%s\"}", id);
    COMPLETED(TIM_SUCC, tim_msg_report_readed("bob", TIM_CONV_C2C, list, CB));
    COMPLETED(TIM_SUCC, tim_msg_report_readed(NULL, TIM_CONV_C2C, NULL, CB));
    other_forms(text);
    COMPLETED(TIM_SUCC, tim_conv_get_conv_list(CB));
    CHECK(strstr(last.json, "\"conv_id\":\"bob\"") != NULL);
    COMPLETED(TIM_SUCC,
              tim_conv_get_conv_info("[{\"get_conversation_list_param_conv_id\":\"bob\","
                                     "\"get_conversation_list_param_conv_type\":1}]", CB));
    CHECK(strstr(last.json, "\"conv_id\":\"bob\"") != NULL);
    COMPLETED(TIM_SUCC, tim_conv_get_total_unread_message_count(CB));
    CHECK(strcmp(last.json, "{\"conv_get_total_unread_message_count_result_unread_count\":0}") == 0);
    COMPLETED(TIM_SUCC, tim_get_user_status("[\"alice\"]", CB));
    CHECK(strstr(last.json, "\"user_status_status_type\":1") != NULL);
    COMPLETED(TIM_SUCC, tim_set_self_status("{\"user_status_custom_status\":\"busy\"}", CB));
    COMPLETED(TIM_SUCC, tim_subscribe_user_status("[\"bob\"]", CB));
    COMPLETED(TIM_SUCC, tim_unsubscribe_user_status(NULL, CB));
    profiles();
    CHECK(llabs((long long)tim_get_server_time() - (long long)time(NULL)) <= 2);
    /* Out and in again. */
    CHECK_INT(tim_logout(on_logout, NULL), TIM_SUCC);
    await_count(&statuses_seen, 2);
    COMPLETED(TIM_ERR_SDK_NOT_LOGGED_IN, tim_msg_send_message("bob", TIM_CONV_C2C, text, id, CB));
    CHECK_INT(tim_login("alice", sig, on_login, NULL), TIM_SUCC);
    await_count(&statuses_seen, 3);
    /* The same user again keeps the session. */
    CHECK_INT(tim_login("alice", sig, on_login, NULL), TIM_SUCC);
    CHECK_INT(tim_get_login_status(), TIM_LOGIN_STATUS_LOGINED);
    await_count(&statuses_seen, 4);
    for (int i = 0; i < 1000; i++) {
        CHECK_INT(tim_msg_send_message("bob", TIM_CONV_C2C, text, NULL, on_sent, NULL), TIM_SUCC);
    }
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(completions, 1000);
    return 0;
}
