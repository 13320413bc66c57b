/* At a server: messages that are found, kept here without being sent, and own data beside them. */
#include "common.h"

static struct outcome last;

static int conversations, news;

static void on_conversation(tim_conv_event event, const char *json, const void *data) {
    (void)data;
    if (event != TIM_CONV_EVENT_ADD && event != TIM_CONV_EVENT_UPDATE) {
        return;
    }
    CHECK(json[0] == '[');
    pthread_mutex_lock(&lock);
    conversations++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_message(const char *json, const void *data) {
    (void)json, (void)data;
    pthread_mutex_lock(&lock);
    news++;
    pthread_mutex_unlock(&lock);
}

/* The text of a key of the first message in the last result. */
static const char *text_of(const char *key) {
    static char text[2][256];
    static int turn;
    char *found = text[turn ^= 1], quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(last.json, quoted);
    CHECK(at != NULL);
    at += strlen(quoted);
    at += *at == '"';
    size_t size = strcspn(at, "\",}");
    CHECK(size < sizeof text[0]);
    memcpy(found, at, size);
    found[size] = '\0';
    return found;
}

/* How often a text is in the last result. */
static int count(const char *what) {
    int times = 0;
    for (const char *at = last.json; (at = strstr(at, what)) != NULL; at++) {
        times++;
    }
    return times;
}

int main(void) {
    char id[128], kept[128], json[1024];
    tim_set_conv_event_callback(on_conversation, NULL);
    tim_add_recv_new_msg_callback(on_message, NULL);
    init("");
    login();
    COMPLETED(TIM_SUCC, tim_msg_send_message("bob", TIM_CONV_C2C,
                                             "{\"message_elem_array\":[{\"elem_type\":0,"
                                             "\"text_elem_content\":\"sent\"}]}",
                                             id, CB));
    char seq[32], rnd[32];
    snprintf(seq, sizeof seq, "%s", text_of("message_seq"));
    snprintf(rnd, sizeof rnd, "%s", text_of("message_rand"));

    /* Own data beside it; the conversation shows them. */
    snprintf(json, sizeof json,
             "{\"message_msg_id\":\"%s\",\"message_custom_int\":7,\"message_custom_str\":\"mine\"}", id);
    int before = read_int(&conversations);
    COMPLETED(TIM_SUCC, tim_msg_set_local_custom_data(json, CB));
    CHECK(last.json[0] == '\0');
    await_count(&conversations, before + 1);
    snprintf(json, sizeof json, "{\"message_msg_id\":\"%s\",\"message_custom_int\":8}", id);
    COMPLETED(TIM_SUCC, tim_msg_set_local_custom_data(json, CB));

    /* Kept here: a conversation appears, nobody is told of a new message. */
    COMPLETED(TIM_SUCC,
              tim_msg_save_msg("carol", TIM_CONV_C2C,
                               "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":"
                               "\"a tip\"}],\"message_sender\":\"carol\",\"message_custom_str\":\"x\"}",
                               CB));
    snprintf(kept, sizeof kept, "%s", text_of("message_msg_id"));
    CHECK(strcmp(text_of("message_status"), "5") == 0);
    CHECK(strcmp(text_of("message_seq"), "0") == 0);
    CHECK(strcmp(text_of("message_sender"), "carol") == 0);
    CHECK(strcmp(text_of("message_is_read"), "true") == 0);
    CHECK(llabs(atoll(text_of("message_server_time")) - (long long)time(NULL)) <= 2);
    COMPLETED(TIM_SUCC,
              tim_conv_get_conv_info("[{\"get_conversation_list_param_conv_id\":\"carol\","
                                     "\"get_conversation_list_param_conv_type\":1}]", CB));
    CHECK(strstr(last.json, kept) != NULL);
    CHECK(strstr(last.json, "\"conv_unread_num\":0") != NULL);

    /* From before this server: at their time, in their order. */
    COMPLETED(TIM_SUCC,
              tim_msg_import_msg_list(
                  "bob", TIM_CONV_C2C,
                  "[{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"one\"}],"
                  "\"message_sender\":\"bob\",\"message_server_time\":1500000000,"
                  "\"message_client_time\":1500000001},"
                  "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"two\"}],"
                  "\"message_server_time\":1500000000}]", CB));
    CHECK(last.json[0] == '\0');
    COMPLETED(TIM_SUCC, tim_msg_get_msg_list("bob", TIM_CONV_C2C,
                                             "{\"msg_getmsglist_param_is_ramble\":true}", CB));
    const char *sent = strstr(last.json, "\"sent\""), *two = strstr(last.json, "\"two\"");
    const char *one = strstr(last.json, "\"one\"");
    CHECK(sent != NULL && two != NULL && one != NULL && sent < two && two < one);
    CHECK_INT(count("\"message_client_time\":1500000001"), 1);
    CHECK_INT(count("\"message_status\":5"), 2);

    /* Found by id, in this order; by place. */
    snprintf(json, sizeof json, "[\"%s\",\"nobody\",\"%s\"]", kept, id);
    COMPLETED(TIM_SUCC, tim_msg_find_messages(json, CB));
    CHECK_INT(count("\"message_msg_id\""), 2);
    CHECK(strstr(last.json, kept) < strstr(last.json, id));
    CHECK_INT(count("\"message_custom_int\":8,\"message_custom_str\":\"mine\""), 1);
    snprintf(json, sizeof json,
             "[{\"message_locator_seq\":%s,\"message_locator_rand\":%s,\"message_locator_time\":0,"
             "\"message_locator_is_self\":true,\"message_locator_is_revoked\":false,"
             "\"message_locator_unique_id\":1},{\"message_locator_seq\":1000}]", seq, rnd);
    COMPLETED(TIM_SUCC, tim_msg_find_by_msg_locator_list("bob", TIM_CONV_C2C, json, CB));
    CHECK_INT(count("\"message_msg_id\""), 1);
    CHECK(strstr(last.json, id) != NULL);
    COMPLETED(TIM_SUCC, tim_msg_find_by_msg_locator_list("carol", TIM_CONV_C2C, json, CB));
    CHECK(strcmp(last.json, "[]") == 0);
    CHECK_INT(read_int(&news), 0);

    /* The next session on this device has it all. */
    CHECK_INT(tim_uninit(), TIM_SUCC);
    init("");
    login();
    snprintf(json, sizeof json, "[\"%s\",\"%s\"]", kept, id);
    COMPLETED(TIM_SUCC, tim_msg_find_messages(json, CB));
    CHECK_INT(count("\"message_custom_str\":\"x\""), 1);
    CHECK_INT(count("\"message_custom_str\":\"mine\""), 1);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    CHECK_INT(news, 0);
    return 0;
}
