// A terminal chat in C++20 with GLib's main loop and coroutines: one thread, and nothing blocks it.
//
//     g++ -std=c++20 glib_chat.cpp $(pkg-config --cflags --libs glib-2.0 tim) -o glib_chat
//     ./glib_chat alice bob            you are alice and write to bob
//
// The environment says where to: TIM_SERVER_URL and TIM_SERVER_CA, which libtim reads itself,
// TIM_APP_ID and TIM_USER_SIG (your ticket). `make chat-glib` sets all of them.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "glib_loop.hpp"

static std::string peer;

/// Control characters become blanks: what others write cannot steer the terminal.
static std::string printable(std::string text) {
    for (char &c : text)
        if (static_cast<unsigned char>(c) < ' ' || c == 127) c = ' ';
    return text;
}

static tim::Job start(tim::Client &client, std::string me, std::string ticket, GMainLoop *loop) {
    try {
        co_await client.login(me, ticket);
        for (const tim::ConvInfo &conversation : co_await client.conv_get_conv_list())
            std::cout << "* " << conversation.show_name << ", unread: " << conversation.unread_num << std::endl;
        std::cout << "* you are " << me << "; type to " << peer << ", end with ^D" << std::endl;
    } catch (const tim::Error &error) {
        std::cout << "* cannot log in: " << error.what() << std::endl;
        g_main_loop_quit(loop);
    }
}

static tim::Job send(tim::Client &client, std::string line) {
    try {
        co_await client.send_text(peer, line);
    } catch (const tim::Error &error) {
        std::cout << "* not sent: " << error.what() << std::endl;
    }
}

struct Typing {
    tim::Client &client;
    GMainLoop *loop;
    std::string line;
};

static gboolean typed(gint fd, GIOCondition, gpointer data) {
    auto &typing = *static_cast<Typing *>(data);
    char bytes[4096];
    ssize_t count = read(fd, bytes, sizeof bytes);
    if (count <= 0) {
        g_main_loop_quit(typing.loop);
        return G_SOURCE_REMOVE;
    }
    typing.line.append(bytes, static_cast<size_t>(count));
    for (size_t end; (end = typing.line.find('\n')) != std::string::npos; typing.line.erase(0, end + 1))
        if (end > 0) send(typing.client, typing.line.substr(0, end));
    return G_SOURCE_CONTINUE;
}

int main(int count, char **arguments) {
    const char *app = std::getenv("TIM_APP_ID"), *ticket = std::getenv("TIM_USER_SIG");
    if (count != 3 || !app || !ticket) {
        std::cerr << "usage: glib_chat ME PEER, with TIM_SERVER_URL, TIM_SERVER_CA, TIM_APP_ID, TIM_USER_SIG set\n";
        return 2;
    }
    peer = arguments[2];
    tim::SdkConfig config;
    config.callback_mode = "poll";
    tim::Client client(std::strtoull(app, nullptr, 10), config);
    GMainLoop *loop = g_main_loop_new(nullptr, FALSE);
    {
        GlibLoop callbacks(client);
        client.on_recv_new_msg([&](const std::vector<tim::Message> &messages) {
            for (const tim::Message &message : messages)
                std::cout << message.sender << ": " << printable(tim::text_of(message)) << std::endl;
            client.msg_report_readed(messages.back().conv_id, TIM_CONV_C2C);
        });
        client.on_msg_readed_receipt([](const std::vector<tim::MessageReceipt> &receipts) {
            for (const tim::MessageReceipt &receipt : receipts)
                std::cout << "* " << receipt.conv_id << " has read your messages" << std::endl;
        });
        Typing typing{client, loop, ""};
        g_unix_fd_add(STDIN_FILENO, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP), typed, &typing);
        start(client, arguments[1], ticket, loop);
        g_main_loop_run(loop);
    }
    g_main_loop_unref(loop);
    return 0;
}
