/* At a server, where bob has written to alice: everything is marked as read at once. */
#include "common.h"

static struct outcome last;

static int unread(void) {
    const char *key = "{\"conv_get_total_unread_message_count_result_unread_count\":";
    COMPLETED(TIM_SUCC, tim_conv_get_total_unread_message_count(CB));
    CHECK(strncmp(last.json, key, strlen(key)) == 0);
    return atoi(last.json + strlen(key));
}

int main(void) {
    init("");
    login();
    /* The device may not have caught up yet when the login is through. */
    for (double end = now() + 60; unread() == 0;) {
        CHECK(now() < end);
    }
    CHECK_INT(unread(), 1);
    COMPLETED(TIM_SUCC, tim_msg_mark_all_message_as_read(CB));
    CHECK(last.json[0] == '\0');
    CHECK_INT(unread(), 0);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    return 0;
}
