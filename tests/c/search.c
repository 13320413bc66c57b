/* At a server: what is said is found on this device, in one conversation and in all. */
#include "common.h"

static struct outcome last;

static void say(const char *to, const char *text, char *id) {
    char json[512];
    snprintf(json, sizeof json,
             "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"%s\"}]}", text);
    COMPLETED(TIM_SUCC, tim_msg_send_message(to, TIM_CONV_C2C, json, id, CB));
}

/* Searches one word, with more keys if wanted (",\"key\":value"). */
static void search(const char *word, const char *more) {
    char json[512];
    snprintf(json, sizeof json, "{\"msg_search_param_keyword_array\":[\"%s\"]%s}", word, more);
    COMPLETED(TIM_SUCC, tim_msg_search_local_messages(json, CB));
}

/* How often a text is in the last result. */
static int count(const char *what) {
    int times = 0;
    for (const char *at = last.json; (at = strstr(at, what)) != NULL; at++) {
        times++;
    }
    return times;
}

#define IN_BOB ",\"msg_search_param_conv_type\":1,\"msg_search_param_conv_id\":\"bob\""
#define NONE "{\"msg_search_result_total_count\":0,\"msg_search_result_item_array\":[]}"

int main(void) {
    char first[128], id[128], json[512];
    init("");
    login();
    say("bob", "Hello world", first);
    say("bob", "\xe4\xbb\x8a\xe5\xa4\xa9\xe5\xa4\xa9\xe6\xb0\x94\xe5\xbe\x88\xe5\xa5\xbd", id);
    say("bob", "hello again", id);
    COMPLETED(TIM_SUCC,
              tim_msg_save_msg("carol", TIM_CONV_C2C,
                               "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":"
                               "\"hello carol\"}],\"message_server_time\":1500000000}", CB));

    /* One conversation: its messages, newest first, also in pages. */
    search("HEL", IN_BOB);
    CHECK_INT(count("\"msg_search_result_total_count\":2"), 1);
    CHECK_INT(count("\"msg_search_result_item_conv_id\":\"bob\",\"msg_search_result_item_conv_type\":1,"
                    "\"msg_search_result_item_total_message_count\":2"), 1);
    CHECK_INT(count("\"text_elem_content\""), 2);
    CHECK(strstr(last.json, "hello again") < strstr(last.json, "Hello world"));
    search("hello", IN_BOB ",\"msg_search_param_page_size\":1,\"msg_search_param_page_index\":1");
    CHECK_INT(count("\"msg_search_result_total_count\":2"), 1);
    CHECK_INT(count("\"text_elem_content\":\"Hello world\""), 1);
    CHECK_INT(count("\"text_elem_content\""), 1);

    /* Chinese by one character and by two. */
    search("\xe6\xb0\x94", IN_BOB);
    CHECK_INT(count("\"text_elem_content\""), 1);
    search("\xe5\xa4\xa9\xe6\xb0\x94", "");
    CHECK_INT(count("\"msg_search_result_total_count\":1"), 1);
    CHECK_INT(count("\"text_elem_content\""), 1);

    /* All conversations: counts, and the message where it is the only one. */
    search("hello", "");
    CHECK_INT(count("\"msg_search_result_total_count\":2"), 1);
    CHECK_INT(count("\"msg_search_result_item_total_message_count\":2,"
                    "\"msg_search_result_item_message_array\":[]"), 1);
    CHECK_INT(count("\"text_elem_content\":\"hello carol\""), 1);
    CHECK(strstr(last.json, "\"bob\"") < strstr(last.json, "\"carol\""));

    /* All of several words; nothing. */
    COMPLETED(TIM_SUCC, tim_msg_search_local_messages(
                            "{\"msg_search_param_keyword_array\":[\"hello\",\"world\"],"
                            "\"msg_search_param_keyword_list_match_type\":1}", CB));
    CHECK_INT(count("\"text_elem_content\":\"Hello world\""), 1);
    search("ello", "");
    CHECK(strcmp(last.json, NONE) == 0);
    search("hello", ",\"msg_search_param_send_identifier_array\":[\"bob\"]");
    CHECK(strcmp(last.json, NONE) == 0);

    /* Taken back or deleted, it is not found. */
    snprintf(json, sizeof json, "{\"message_msg_id\":\"%s\"}", first);
    COMPLETED(TIM_SUCC, tim_msg_revoke("bob", TIM_CONV_C2C, json, CB));
    search("world", "");
    CHECK(strcmp(last.json, NONE) == 0);
    search("hello", "");
    CHECK_INT(count("\"msg_search_result_total_count\":2"), 1);
    CHECK_INT(count("\"text_elem_content\":\"hello again\""), 1);
    COMPLETED(TIM_SUCC, tim_msg_clear_history_message("bob", TIM_CONV_C2C, CB));
    search("hello", "");
    CHECK_INT(count("\"msg_search_result_total_count\":1"), 1);
    CHECK_INT(count("\"text_elem_content\":\"hello carol\""), 1);

    /* What cannot be searched says so. */
    static const char *const wrong[] = {
        "{}",
        "{\"msg_search_param_keyword_array\":[]}",
        "{\"msg_search_param_keyword_array\":[\"?!\"]}",
        "{\"msg_search_param_keyword_array\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]}",
        "{\"msg_search_param_keyword_array\":[\"a\"],\"msg_search_param_message_type_array\":[6,5]}",
        "{\"msg_search_param_keyword_array\":[\"a\"],\"msg_search_param_page_size\":10001}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        COMPLETED(TIM_ERR_INVALID_PARAMETERS, tim_msg_search_local_messages(wrong[i], CB));
    }

    /* The next session on this device finds the same. */
    CHECK_INT(tim_uninit(), TIM_SUCC);
    init("");
    login();
    search("hello", "");
    CHECK_INT(count("\"text_elem_content\":\"hello carol\""), 1);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    return 0;
}
