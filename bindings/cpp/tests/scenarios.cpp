// What bindings/scenarios.txt lists, in C++17. Callbacks run on a thread of libtim, as they do unless
// a program asks for something else.
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <map>
#include <thread>

#include "tim.hpp"

namespace {

const auto LONG = std::chrono::seconds(60);

[[noreturn]] void fail(const std::string &what) {
    std::cerr << what << std::endl;
    std::_Exit(1);
}

#define CHECK(what) ((what) ? (void)0 : fail("line " + std::to_string(__LINE__) + ": not true: " #what))

template <class A, class B>
void equal(int line, const A &is, const B &wanted) {
    if (is == wanted) return;
    std::cerr << "line " << line << ": is \"" << is << "\" and should be \"" << wanted << "\"" << std::endl;
    std::_Exit(1);
}
#define EQUAL(is, wanted) equal(__LINE__, is, wanted)

std::string setting(const char *name) {
    const char *value = std::getenv(name);
    return value ? value : (fail(std::string(name) + " is not set"), "");
}

const std::string &bot() {
    static const std::string name = setting("TIM_BOT");
    return name;
}

/// What callbacks put there and the program waits for.
template <class T>
class Box {
public:
    void put(T value) {
        std::lock_guard<std::mutex> lock(mutex_);
        all_.push_back(std::move(value));
        changed_.notify_all();
    }
    size_t count() {
        std::lock_guard<std::mutex> lock(mutex_);
        return all_.size();
    }
    /// The nth, counted from 1.
    T wait(size_t nth) {
        std::unique_lock<std::mutex> lock(mutex_);
        if (!changed_.wait_for(lock, LONG, [&] { return all_.size() >= nth; }))
            fail("waited in vain: " + std::to_string(all_.size()) + " of " + std::to_string(nth));
        return all_[nth - 1];
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<T> all_;
};

tim::SdkConfig config() {
    tim::SdkConfig config;
    config.config_file_path = config.log_file_path = setting("TIM_DIR");
    return config;
}

uint64_t app() { return std::stoull(setting("TIM_APP_ID")); }

/// A client and the texts that the bot wrote to it.
struct App {
    tim::Client client{app(), config()};
    Box<std::string> texts;

    App() {
        client.on_recv_new_msg([this](const std::vector<tim::Message> &messages) {
            for (const tim::Message &message : messages) {
                EQUAL(message.sender, bot());
                texts.put(tim::text_of(message));
            }
        });
    }
    void login() { client.login(setting("TIM_USER"), setting("TIM_USER_SIG")).get(); }
    void logout() {
        client.logout().get();
        EQUAL(client.login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    }
    void send(const std::string &text) {
        tim::Message sent = client.send_text(bot(), text).get();
        EQUAL(sent.status, TIM_MSG_SEND_SUCC);
        CHECK(!sent.msg_id.empty());
    }
    void asks(const std::string &text, const std::string &answer) {
        size_t before = texts.count();
        send(text);
        EQUAL(texts.wait(before + 1), answer);
    }
    std::vector<tim::Message> history(uint32_t count, const tim::Message *last = nullptr) {
        tim::MsgGetMsgListParam param;
        param.count = count;
        if (last) param.last_msg = *last;
        return client.msg_get_msg_list(bot(), TIM_CONV_C2C, param).get();
    }
};

struct LoggedIn : App {
    LoggedIn() { login(); }
};

void login() {
    for (int time = 0; time < 2; time++) {
        LoggedIn app;
        EQUAL(app.client.login_status(), TIM_LOGIN_STATUS_LOGINED);
        EQUAL(app.client.login_user(), setting("TIM_USER"));
        EQUAL(app.client.conv_get_total_unread_message_count().get().unread_count, 0);
        app.logout();
    }
}

void refused_ticket() {
    App app;
    tim::Result<void> refused = app.client.login(setting("TIM_USER"), setting("TIM_EXPIRED_SIG")).wait();
    EQUAL(refused.code(), TIM_ERR_USER_SIG_EXPIRED);
    CHECK(!refused.error().desc().empty());
    EQUAL(app.client.login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    app.login();
    EQUAL(app.client.login_status(), TIM_LOGIN_STATUS_LOGINED);
}

void chat() {
    LoggedIn app;
    app.asks("echo hello", "hello");
    app.client.msg_report_readed(bot(), TIM_CONV_C2C).get();
    std::vector<tim::ConvInfo> list = app.client.conv_get_conv_list().get();
    EQUAL(list.size(), 1u);
    EQUAL(list[0].id, bot());
    EQUAL(list[0].unread_num, 0u);
    EQUAL(tim::text_of(*list[0].last_msg), "hello");
}

void history() {
    LoggedIn app;
    for (int i = 1; i <= 25; i++) app.send(std::to_string(i));
    std::vector<tim::Message> page = app.history(20);
    EQUAL(page.size(), 20u);
    for (int i = 0; i < 20; i++) EQUAL(tim::text_of(page[i]), std::to_string(25 - i));
    page = app.history(20, &page.back());
    EQUAL(page.size(), 5u);
    for (int i = 0; i < 5; i++) EQUAL(tim::text_of(page[i]), std::to_string(5 - i));
}

void kicked() {
    Box<bool> kicked;
    {
        LoggedIn app;
        app.client.on_kicked_offline([&] { kicked.put(true); });
        app.client.send_text(bot(), "kick me");
        kicked.wait(1);
        EQUAL(app.client.login_status(), TIM_LOGIN_STATUS_UN_LOGINED);
    }
    EQUAL(kicked.count(), 1u);
}

void expired() {
    Box<bool> expired;
    LoggedIn app;
    app.client.on_user_sig_expired([&] { expired.put(true); });
    app.send("ticket 2");
    app.client.login(setting("TIM_USER"), app.texts.wait(1)).get();
    expired.wait(1);
    app.login();
    app.asks("echo again", "again");
    EQUAL(expired.count(), 1u);
}

void account_switch() {
    LoggedIn app;
    app.send("1");
    app.logout();
    app.client.login(setting("TIM_OTHER"), setting("TIM_OTHER_SIG")).get();
    CHECK(app.client.conv_get_conv_list().get().empty());
    CHECK(app.history(20).empty());
    app.asks("echo mine", "mine");
    app.logout();
    app.login();
    std::vector<tim::Message> page = app.history(20);
    EQUAL(page.size(), 1u);
    EQUAL(tim::text_of(page[0]), "1");
    EQUAL(app.texts.count(), 1u);
}

void ten_thousand() {
    LoggedIn app;
    app.send("send 10000");
    for (size_t i = 1; i <= 10000; i++) EQUAL(app.texts.wait(i), std::to_string(i));
    EQUAL(app.texts.count(), 10000u);
}

void uninit_in_callback() {
    Box<int> ended;
    auto app = std::make_unique<LoggedIn>();
    app->client.on_recv_new_msg([&](const std::vector<tim::Message> &) {
        // Before the end: afterwards there is nothing left of what this function captured.
        Box<int> &told = ended;
        app.reset();
        told.put(tim_get_login_status());
    });
    app->client.send_text(bot(), "echo x");
    ended.wait(1);
    // It takes effect when the callback has returned.
    auto end = std::chrono::steady_clock::now() + LONG;
    char user[128];
    while (tim_get_login_user_id(user) != TIM_ERR_SDKUNINIT) {
        CHECK(std::chrono::steady_clock::now() < end);
        std::this_thread::yield();
    }
    LoggedIn again;
    again.asks("echo again", "again");
}

void exit_while_busy() {
    static LoggedIn *app = new LoggedIn();
    for (int i = 0; i < 100; i++) app->client.send_text(bot(), "busy").then([](tim::Result<tim::Message>) {});
    std::exit(0);
}

void bad_arguments() {
    EQUAL(tim_login("alice", "ticket", nullptr, nullptr), TIM_ERR_SDKUNINIT);
    try {
        tim::Client none(0);
        fail("app 0 is none");
    } catch (const tim::Error &error) {
        EQUAL(error.code(), TIM_ERR_PARAM);
        EQUAL(std::string(error.name()), "TIM_ERR_PARAM");
    }
    LoggedIn app;
    tim::Message message = tim::message_of(tim::TextElem{"hello"});
    using namespace std::string_literals;
    for (const std::string &user : {""s, "\xff"s, "bo\0t"s})
        EQUAL(app.client.msg_send_message(user, TIM_CONV_C2C, message).wait().code(), TIM_ERR_PARAM);
    EQUAL(app.client.send_text(bot(), "\xff").wait().code(), TIM_ERR_JSON);
    tim::Json broken{"{"};
    EQUAL(app.client.call_experimental_api(broken).wait().code(), TIM_ERR_JSON);
    EQUAL(app.client.call_experimental_api({}).wait().code(), TIM_ERR_JSON);
    EQUAL(app.client.msg_send_message(bot(), TIM_CONV_C2C, tim::Message()).wait().code(), TIM_ERR_INVALID_PARAMETERS);
    EQUAL(app.client.msg_send_message(bot(), 77, message).wait().code(), TIM_ERR_CONV);
    app.asks("echo still", "still");
}

const std::map<std::string, void (*)()> scenarios = {
#define SCENARIO(name) {#name, name}
    SCENARIO(login),           SCENARIO(refused_ticket), SCENARIO(chat),
    SCENARIO(history),         SCENARIO(kicked),         SCENARIO(expired),
    SCENARIO(account_switch),  SCENARIO(ten_thousand),   SCENARIO(uninit_in_callback),
    SCENARIO(exit_while_busy), SCENARIO(bad_arguments),
};

}  // namespace

int main(int count, char **arguments) {
    std::string name = count == 2 ? arguments[1] : "";
    if (name == "list") {
        for (const auto &[scenario, run] : scenarios) std::cout << scenario << std::endl;
        return 0;
    }
    auto scenario = scenarios.find(name);
    if (scenario == scenarios.end()) fail("usage: scenarios list | NAME");
    try {
        scenario->second();
    } catch (const std::exception &error) {
        fail(name + ": " + error.what());
    }
    return 0;
}
