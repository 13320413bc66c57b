// What the scenarios leave out, without a server: JSON, exceptions in callbacks, waiting in callbacks,
// poll mode, coroutines. Compiled as C++17 and as C++20.
#include <atomic>
#include <chrono>
#include <clocale>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <optional>
#include <thread>
#include <variant>
#include <vector>


#ifdef WITH_NLOHMANN
#include <nlohmann/json.hpp>
#endif

#if __cplusplus == 201703L
// As some system headers have them; those of the library above have been read.
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif
#include "tim.hpp"
#undef min
#undef max

namespace {

[[noreturn]] void fail(int line, const std::string &what) {
    std::cerr << "line " << line << ": " << what << std::endl;
    std::_Exit(1);
}

#define CHECK(what) ((what) ? (void)0 : fail(__LINE__, "not true: " #what))

template <class A, class B>
void equal(int line, const A &is, const B &wanted) {
    if (is == wanted) return;
    std::cerr << "line " << line << ": is \"" << is << "\" and should be \"" << wanted << "\"" << std::endl;
    std::_Exit(1);
}
#define EQUAL(is, wanted) equal(__LINE__, is, wanted)

template <class T>
T read(std::string_view text) {
    auto value = tim::from_json<T>(text);
    if (!value) fail(0, "cannot read " + std::string(text));
    return *value;
}

template <class T>
bool is_refused(std::string_view text) {
    return !tim::from_json<T>(text);
}

void json() {
    using Texts = std::vector<std::string>;
    EQUAL(read<Texts>(R"([ "a" , "\u00e4\ud83d\ude00\"\\\/\b\f\n\r\t" ])")[1], "\xc3\xa4\xf0\x9f\x98\x80\"\\/\b\f\n\r\t");
    CHECK(read<Texts>(" [] ").empty());
    CHECK(read<Texts>("null").empty());
    for (auto text : {"", "[", "[\"", "[\"a", "[\"a\"", "[\"a\",", "[\"a\",]", "[\"a\"]x", "[1]", "{}", "[\"\\", "[\"\\u12",
                      "[\"\\ud800\"]", "[\"\\udc00\"]", "[\"\\ud800\\u0041\"]", "[\"\\u00g0\"]", "nul"})
        if (!is_refused<Texts>(text)) fail(__LINE__, text);

    std::string deep(100000, '['), deeper;
    for (int i = 0; i < 100000; i++) deeper += "{\"a\":";
    CHECK(is_refused<Texts>(deep));
    CHECK(is_refused<tim::UserStatus>(deeper));
    CHECK(is_refused<tim::UserStatus>("{\"other\":" + deep));

    // Numbers that do not fit become the nearest that does.
    auto number = [](const char *text) { return read<tim::Message>(std::string("{\"message_seq\":") + text + "}").seq; };
    EQUAL(number("18446744073709551615"), 18446744073709551615u);
    EQUAL(number("18446744073709551616"), 18446744073709551615u);
    EQUAL(number("-1"), 0u);
    EQUAL(number("1e3"), 1000u);
    auto status = [](const char *text) {
        return read<tim::UserStatus>(std::string("{\"user_status_status_type\":") + text + "}").status_type;
    };
    EQUAL(status("-2147483648"), std::numeric_limits<int32_t>::min());
    EQUAL(status("-99999999999"), std::numeric_limits<int32_t>::min());
    EQUAL(status("2147483648"), std::numeric_limits<int32_t>::max());
    CHECK(is_refused<tim::Message>("{\"message_seq\":\"1\"}"));
    CHECK(is_refused<tim::Message>("{\"message_seq\":true}"));
    for (auto odd : {"-", "+", ".", "1-2", "1.2.3", "e", "--1"})
        if (!is_refused<tim::Message>(std::string("{\"message_seq\":") + odd + "}") ||
            !is_refused<tim::LocationElem>(std::string("{\"location_elem_latitude\":") + odd + "}"))
            fail(__LINE__, odd);

    // Unknown keys are passed over, whatever they hold; keys may have escapes.
    auto known = read<tim::UserStatus>(R"({"x":{"y":[1,"]",{"z":null}],"w":-1.5e-7},"user_status_\u0069dentifier":"bob","v":false})");
    EQUAL(known.identifier, "bob");
}

void objects() {
    tim::Message message = tim::message_of(tim::TextElem{"h\xc3\xa4\"\n"});
    message.elem_array.push_back(tim::LocationElem());
    message.seq = 7;
    message.is_read = true;
    message.sender_profile.make().nick_name = "Al";
    EQUAL(tim::to_json(message),
          "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"h\xc3\xa4\\\"\\u000a\"},"
          "{\"elem_type\":7,\"location_elem_longitude\":0,\"location_elem_latitude\":0}],"
          "\"message_is_read\":true,\"message_seq\":7,\"message_sender_profile\":{\"user_profile_nick_name\":\"Al\"}}");
    tim::Message copy = read<tim::Message>(tim::to_json(message));
    EQUAL(tim::to_json(copy), tim::to_json(message));
    EQUAL(copy.elem_array[1].type, TIM_ELEM_LOCATION);
    CHECK(copy.elem_array[1].get<tim::LocationElem>() && !copy.elem_array[1].get<tim::TextElem>());
    // In countries with a comma, too; where there is no such locale this repeats the others.
    std::setlocale(LC_ALL, std::getenv("TIM_COMMA") ? std::getenv("TIM_COMMA") : "C");
    tim::LocationElem place;
    place.latitude = 52.5;
    EQUAL(tim::to_json(place), "{\"location_elem_longitude\":0,\"location_elem_latitude\":52.5}");
    EQUAL(read<tim::LocationElem>(tim::to_json(place)).latitude, 52.5);
    EQUAL(read<tim::Message>("{\"message_seq\":1.5e1}").seq, 15u);
    std::setlocale(LC_ALL, "C");
    // A copy has its own parts.
    tim::Message other = copy;
    other.sender_profile->nick_name = "Bo";
    EQUAL(copy.sender_profile->nick_name, "Al");

    // What is only given to libtim may say "empty", or say nothing.
    tim::UserProfileItem item;
    EQUAL(tim::to_json(item), "{}");
    item.nick_name = "";
    item.gender = 0;
    EQUAL(tim::to_json(item), "{\"user_profile_item_nick_name\":\"\",\"user_profile_item_gender\":0}");
    tim::UserStatus status;
    EQUAL(tim::to_json(status), "{\"user_status_custom_status\":\"\"}");
    // An element of a type that is not known yet.
    EQUAL(read<tim::Elem>("{\"elem_type\":99,\"new_elem_key\":[]}").type, 99);
#ifdef WITH_NLOHMANN
    nlohmann::json there = message;
    EQUAL(there["message_seq"], 7);
    EQUAL(tim::to_json(there.get<tim::Message>()), tim::to_json(message));
#endif
}

tim::SdkConfig config(const char *mode) {
    tim::SdkConfig config;
    config.config_file_path = config.log_file_path = std::string(std::getenv("TIM_DIR"));
    config.callback_mode = mode;
    return config;
}

void refused() {
    tim::Client client(1, config("thread"));
    // Nobody is logged in: that comes as the outcome, like everything.
    auto sent = client.send_text("bob", "hello").wait();
    EQUAL(sent.code(), TIM_ERR_SDK_NOT_LOGGED_IN);
    EQUAL(std::string(sent.error().name()), "TIM_ERR_SDK_NOT_LOGGED_IN");
    CHECK(std::string(sent.error().what()).find("6014 TIM_ERR_SDK_NOT_LOGGED_IN: ") == 0);
    try {
        client.send_text("bob", "hello").get();
        fail(__LINE__, "sent");
    } catch (const tim::Error &error) {
        EQUAL(error.code(), TIM_ERR_SDK_NOT_LOGGED_IN);
    }
    tim::SetConfig changes;
    changes.log_level = TIM_LOG_WARN;
    EQUAL(*client.set_config(changes).get().log_level, TIM_LOG_WARN);
    CHECK(client.stats().find("\"initialised\":true") != std::string::npos);
}

/// What leaves a callback ends there, and callbacks go on.
void exceptions() {
    int thrown = 0;
    tim::on_exception([&] {
        try {
            throw;
        } catch (const std::runtime_error &error) {
            thrown += std::string(error.what()) == "mine";
        } catch (...) {
        }
    });
    {
        tim::Client client(1, config("poll"));
        int ran = 0;
        for (int i = 0; i < 3; i++)
            client.logout().then([&](tim::Result<void>) {
                ran++;
                throw std::runtime_error("mine");
            });
        while (ran < 3) CHECK(client.poll(0, 1000) >= 0);
        EQUAL(thrown, 3);
        int waited = 0, then = 0;
        client.logout().then([&](tim::Result<void>) {
            auto call = client.logout();
            waited = call.wait().code();
            // It goes on, and may be asked in another way.
            call.then([&](tim::Result<void> result) { then = result ? 1 : result.code(); });
        });
        while (!then) CHECK(client.poll(0, 1000) >= 0);
        EQUAL(waited, TIM_ERR_IN_CALLBACK);
        EQUAL(then, 1);
        // Waiting runs what waits.
        int others = 0;
        client.logout().then([&](tim::Result<void>) { others++; });
        client.logout().wait();
        EQUAL(others, 1);
        // Also the outcome of a call that is over is told where callbacks run.
        auto refused = client.call_experimental_api(tim::Json{"{"});
        CHECK(refused.is_over());
        int code = 0;
        refused.then([&](tim::Result<tim::Json> result) { code = result.code(); });
        EQUAL(code, 0);
        while (!code) CHECK(client.poll(0, 1000) >= 0);
        EQUAL(code, TIM_ERR_JSON);
        // An outcome is taken once.
        auto once = client.logout();
        EQUAL(once.wait().code(), 0);
        EQUAL(once.wait().code(), TIM_ERR_PARAM);
        // A thread that does not poll runs no callbacks: it waits for the one that does.
        std::atomic<bool> is_over{false};
        std::thread::id ran_on;
        auto other = client.logout();
        client.logout().then([&](tim::Result<void>) { ran_on = std::this_thread::get_id(); });
        CHECK(!std::async(std::launch::async, [&] { return other.wait_for(std::chrono::milliseconds(50)); }).get());
        std::thread waits([&] { other.get(), is_over = true; });
        while (!is_over) CHECK(client.poll(0, 10) >= 0);
        waits.join();
        while (ran_on == std::thread::id()) CHECK(client.poll(0, 1000) >= 0);
        CHECK(ran_on == std::this_thread::get_id());
    }
    tim::on_exception(nullptr);
}

/// A listener ends with its client.
void listeners() {
    auto counted = std::make_shared<int>(0);
    {
        tim::Client client(1, config("poll"));
        client.on_network_status_listener([counted](tim_network_status, int32_t, const std::string &) { ++*counted; });
        CHECK(counted.use_count() == 2);
        while (*counted == 0) CHECK(client.poll(0, 1000) >= 0);
    }
    EQUAL(counted.use_count(), 1);
    tim::Client again(1, config("thread"));
    try {
        tim::Client second(1, config("thread"));
        fail(__LINE__, "two clients");
    } catch (const tim::Error &error) {
        EQUAL(error.code(), TIM_ERR_PARAM);
    }
    EQUAL(again.logout().wait().code(), 0);
}

/// libtim says why it does not start.
void start() {
    try {
        tim::SdkConfig bad = config("sometimes");
        tim::Client client(1, bad);
        fail(__LINE__, "started");
    } catch (const tim::Error &error) {
        EQUAL(error.code(), TIM_ERR_PARAM);
        CHECK(error.desc().find("callback_mode") != std::string::npos);
    }
}

#ifdef TIM_HPP_COROUTINES
tim::Job chain(tim::Client &client, std::vector<int> &steps) {
    try {
        co_await client.send_text("bob", "hello");
    } catch (const tim::Error &error) {
        steps.push_back(error.code());
    }
    co_await client.set_config({});
    steps.push_back(0);
    co_await client.call_experimental_api(tim::Json{"{"});
    steps.push_back(-100);
}

void coroutines() {
    int left = 0;
    tim::on_exception([&] {
        try {
            throw;
        } catch (const tim::Error &error) {
            left = error.code();
        }
    });
    {
        tim::Client client(1, config("poll"));
        std::vector<int> steps;
        chain(client, steps);
        CHECK(steps.empty());
        while (left == 0) CHECK(client.poll(0, 1000) >= 0);
        CHECK((steps == std::vector<int>{TIM_ERR_SDK_NOT_LOGGED_IN, 0}));
        EQUAL(left, TIM_ERR_JSON);
    }
    tim::on_exception(nullptr);
}
#else
void coroutines() {}
#endif

}  // namespace

int main() {
    json();
    objects();
    refused();
    exceptions();
    listeners();
    start();
    coroutines();
    return 0;
}
