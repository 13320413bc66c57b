// A program in the style of those that were written for the other library: its names only, C++, a
// std::function behind each callback. Environment as in common.h.
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>

#include "tim_vendor.h"

namespace {

[[noreturn]] void fail(const char *what, const std::string &with) {
    std::fprintf(stderr, "vendor: %s: %s\n", what, with.c_str());
    std::exit(1);
}

std::string setting(const char *name) {
    const char *value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string quoted(const char *key, const std::string &text) {
    return std::string("\"") + key + "\":\"" + text + "\"";
}

std::mutex mutex;
std::condition_variable changed;

using Done = std::function<void(int code, const std::string &json)>;

// The trampoline: user_data is the function to call.
void on_done(int32_t code, const char *desc, const char *json, const void *user_data) {
    if (desc == nullptr || json == nullptr) {
        fail("callback", "a text is NULL");
    }
    const Done *done = static_cast<const Done *>(user_data);
    (*done)(code, json);
    delete done;
}

// Makes a call and waits for its callback.
std::string completed(const char *what, const std::function<int(TIMCommCallback, const void *)> &call) {
    bool is_done = false;
    int result = 0;
    std::string answer;
    const Done *done = new Done([&](int code, const std::string &json) {
        std::lock_guard<std::mutex> lock(mutex);
        is_done = true;
        result = code;
        answer = json;
        changed.notify_all();
    });
    if (call(on_done, done) != TIM_SUCC) {
        fail(what, "not accepted");
    }
    std::unique_lock<std::mutex> lock(mutex);
    if (!changed.wait_for(lock, std::chrono::seconds(60), [&] { return is_done; })) {
        fail(what, "no callback");
    }
    if (result != ERR_SUCC) {
        fail(what, std::to_string(result));
    }
    return answer;
}

std::string received;

void on_messages(const char *json_msg_array, const void *) {
    std::lock_guard<std::mutex> lock(mutex);
    received += json_msg_array;
    changed.notify_all();
}

}  // namespace

int main() {
    const std::string folder = setting("TIM_TEST_DIR"), sig = setting("TIM_TEST_SIG");
    const uint64_t app = std::strtoull(setting("TIM_TEST_APP").c_str(), nullptr, 10);
    const std::string config = "{" + quoted(kTIMSdkConfigConfigFilePath, folder) + "," +
                               quoted(kTIMSdkConfigLogFilePath, folder) + "}";
    if (TIMInit(app, config.c_str()) != TIM_SUCC) {
        fail("TIMInit", config);
    }
    TIMAddRecvNewMsgCallback(on_messages, nullptr);
    completed("TIMLogin", [&](TIMCommCallback cb, const void *data) {
        return TIMLogin("alice", sig.c_str(), cb, data);
    });
    if (TIMGetLoginStatus() != kTIMLoginStatus_Logined) {
        fail("TIMGetLoginStatus", std::to_string(TIMGetLoginStatus()));
    }

    // To herself, so that one process sees both sides.
    const std::string message = std::string("{\"") + kTIMMsgElemArray + "\":[{\"" + kTIMElemType +
                                "\":" + std::to_string(kTIMElem_Text) + "," +
                                quoted(kTIMTextElemContent, "hello") + "}]}";
    char id[128] = "";
    const std::string sent = completed("TIMMsgSendMessage", [&](TIMCommCallback cb, const void *data) {
        return TIMMsgSendMessage("alice", kTIMConv_C2C, message.c_str(), id, cb, data);
    });
    if (sent.find(quoted(kTIMMsgMsgId, id)) == std::string::npos) {
        fail("TIMMsgSendMessage", sent);
    }
    const std::string list = completed("TIMMsgGetMsgList", [&](TIMCommCallback cb, const void *data) {
        return TIMMsgGetMsgList("alice", kTIMConv_C2C, "{}", cb, data);
    });
    if (list.find(quoted(kTIMTextElemContent, "hello")) == std::string::npos) {
        fail("TIMMsgGetMsgList", list);
    }
    const std::string conversations = completed("TIMConvGetConvList", [&](TIMCommCallback cb, const void *data) {
        return TIMConvGetConvList(cb, data);
    });
    if (conversations.find(quoted(kTIMConvId, "alice")) == std::string::npos) {
        fail("TIMConvGetConvList", conversations);
    }
    TIMRemoveRecvNewMsgCallback(on_messages);
    completed("TIMLogout", [&](TIMCommCallback cb, const void *data) { return TIMLogout(cb, data); });
    if (TIMUninit() != TIM_SUCC) {
        fail("TIMUninit", "");
    }
    return std::strlen(TIMGetSDKVersion()) > 0 ? 0 : 1;
}
