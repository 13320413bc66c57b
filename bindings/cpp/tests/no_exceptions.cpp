// Compiled with -fno-exceptions and -fno-rtti, as game engines do.
#include <cstdlib>

#include "tim.hpp"

int main() {
    tim::Client none(0);
    if (!none.error() || none.error()->code() != TIM_ERR_PARAM) return 1;
    tim::SdkConfig config;
    config.config_file_path = config.log_file_path = std::string(std::getenv("TIM_DIR"));
    tim::Client client(1, config);
    if (client.error()) return 2;
    if (client.send_text("bob", "hello").wait().code() != TIM_ERR_SDK_NOT_LOGGED_IN) return 3;
    return 0;
}
