/* Lines on the console. tests/ffi.rs looks at what comes out of stderr: lines that hold ":on:" have
 * to be there once, others not at all. */
#include "common.h"

static void console(int on) {
    const char *json = on ? "{\"set_config_is_log_output_console\":true}"
                          : "{\"set_config_is_log_output_console\":false}";
    CHECK_INT(tim_set_config(json, NULL, NULL), TIM_SUCC);
}

static void say(const char *text) {
    char json[512];
    snprintf(json, sizeof json,
             "{\"request_internal_operation\":\"internal_operation_write_log\","
             "\"request_write_log_log_level_param\":4,\"request_write_log_file_name_param\":\"x.c\","
             "\"request_write_log_func_name_param\":\"say\",\"request_write_log_line_number_param\":7,"
             "\"request_write_log_log_content_param\":\"%s\"}",
             text);
    CHECK_INT(tim_call_experimental_api(json, NULL, NULL), TIM_SUCC);
}

int main(void) {
    struct outcome settled = {0};
    CHECK_INT(tim_set_config("{\"set_config_log_level\":4}", NULL, NULL), TIM_SUCC);
    say("before init:off:");
    console(1);
    say("before init:on:");
    console(0);
    init("");
    say("after init:off:");
    console(1);
    say("after init:on:1");
    say("after init:on:2");
    CHECK_INT(tim_logout(on_outcome, expect(&settled)), TIM_SUCC);
    await(&settled);
    CHECK_INT(tim_uninit(), TIM_SUCC);
    console(0);
    say("after uninit:off:");
    console(1);
    say("after uninit:on:");
    console(0);
    /* Its level is that of the file. */
    console(1);
    CHECK_INT(tim_set_config("{\"set_config_log_level\":6}", NULL, NULL), TIM_SUCC);
    say("too low:off:");
    return 0;
}
