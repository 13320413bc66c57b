// The receiver of receive.c with tim.hpp.
#include <ctime>

#include "tim.hpp"

static double now(clockid_t clock) {
    timespec t;
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

int main() {
    long count = std::atol(std::getenv("TIM_BENCH_COUNT")), seen = 0;
    size_t bytes = 0;
    double inside = 0, process = now(CLOCK_PROCESS_CPUTIME_ID);
    tim::SdkConfig config;
    config.config_file_path = config.log_file_path = std::string(std::getenv("TIM_BENCH_DATA"));
    config.callback_mode = "poll";
    tim::Client client(std::strtoull(std::getenv("TIM_APP_ID"), nullptr, 10), config);
    client.on_recv_new_msg([&](const std::vector<tim::Message> &messages) {
        for (const tim::Message &message : messages) {
            bytes += message.sender.size() + tim::text_of(message).size();
            if (message.seq > 0) seen++;
        }
    });
    bool done = false;
    client.login(std::getenv("TIM_USER"), std::getenv("TIM_USER_SIG")).then([&](tim::Result<void> result) {
        result.value();
        done = true;
    });
    while (!done || seen < count) {
        double begun = now(CLOCK_THREAD_CPUTIME_ID);
        client.poll(0, 50);
        inside += now(CLOCK_THREAD_CPUTIME_ID) - begun;
    }
    process = now(CLOCK_PROCESS_CPUTIME_ID) - process;
    double messages = static_cast<double>(count);
    if (count > 0) std::printf("%.0f %.0f\n", inside / messages, process / messages);
    return bytes == 0 && count > 0;
}
