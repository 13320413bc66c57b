/* A receiver in plain C, for `make bench BENCH=wrappers`: logs in, gets the messages that wait, reads
 * sender and text of each. Prints CPU nanoseconds per message: of this thread inside tim_poll, and of the
 * whole process. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "json.h"
#include "tim.h"

static long seen, bytes;
static int done;

static void on_done(int32_t code, const char *desc, const char *json, const void *data) {
    (void)json, (void)data;
    if (code) fprintf(stderr, "%d %s\n", (int)code, desc), exit(1);
    done = 1;
}

static void on_messages(const char *messages, const void *data) {
    char sender[64], text[4096];
    const char *message = NULL;
    (void)data;
    while ((message = json_next(messages, message))) {
        const char *elem = json_next(json_get(message, "message_elem_array"), NULL);
        bytes += (long)strlen(json_text(json_get(message, "message_sender"), sender, sizeof sender));
        bytes += (long)strlen(json_text(json_get(elem, "text_elem_content"), text, sizeof text));
        if (json_int(json_get(message, "message_seq")) > 0) seen++;
    }
}

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(void) {
    char config[8192], folder[2048];
    json_quote(getenv("TIM_BENCH_DATA"), folder, sizeof folder);
    long count = strtol(getenv("TIM_BENCH_COUNT"), NULL, 10);
    double inside = 0, process = now(CLOCK_PROCESS_CPUTIME_ID);
    snprintf(config, sizeof config,
             "{\"sdk_config_config_file_path\":%s,\"sdk_config_log_file_path\":%s,"
             "\"sdk_config_callback_mode\":\"poll\"}",
             folder, folder);
    tim_add_recv_new_msg_callback(on_messages, NULL);
    if (tim_init(strtoull(getenv("TIM_APP_ID"), NULL, 10), config)) return 1;
    tim_login(getenv("TIM_USER"), getenv("TIM_USER_SIG"), on_done, NULL);
    while (!done || seen < count) {
        double begun = now(CLOCK_THREAD_CPUTIME_ID);
        tim_poll(0, 50);
        inside += now(CLOCK_THREAD_CPUTIME_ID) - begun;
    }
    process = now(CLOCK_PROCESS_CPUTIME_ID) - process;
    if (count > 0) printf("%.0f %.0f\n", inside / (double)count, process / (double)count);
    tim_uninit();
    return bytes < 0;
}
