// A chat in a window, with Qt: conversations on the left with what is unread, messages on the right,
// who is online, what has been read.
//
//     g++ -std=c++17 -fPIC desktop.cpp $(pkg-config --cflags --libs Qt5Widgets tim) -o desktop
//     ./desktop alice bob            you are alice, and bob is in the list from the start
//
// The environment says where to: TIM_SERVER_URL and TIM_SERVER_CA, which libtim reads itself,
// TIM_APP_ID and TIM_USER_SIG (your ticket). `make chat-desktop` sets all of them.
//
// All of it runs on one thread: libtim is in poll mode, and QtLoop runs its callbacks in Qt's loop.
#include <QApplication>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QStatusBar>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <QWidget>
#include <cstdlib>
#include <iostream>

#include "qt_loop.hpp"

static QString q(const std::string &text) { return QString::fromStdString(text); }

class Window : public QWidget {
public:
    Window(tim::Client &client, const std::string &me, const std::string &peer) : client_(client), me_(me) {
        setWindowTitle(q("libtim: " + me));
        resize(760, 480);
        list_.setMaximumWidth(220);
        view_.setOpenLinks(false);
        line_.setPlaceholderText("Write a message");
        line_.setEnabled(false);
        line_.setMaxLength(4000);
        auto *right = new QVBoxLayout();
        right->addWidget(&head_);
        right->addWidget(&view_);
        right->addWidget(&line_);
        auto *columns = new QHBoxLayout();
        columns->addWidget(&list_);
        columns->addLayout(right);
        auto *all = new QVBoxLayout(this);
        all->addLayout(columns);
        all->addWidget(&state_);
        connect(&line_, &QLineEdit::returnPressed, this, [this] { send(); });
        connect(&list_, &QListWidget::currentItemChanged, this,
                [this](QListWidgetItem *item) { item ? open(item->data(Qt::UserRole).toString()) : void(); });
        listen();
        add(peer, 0);
        list_.setCurrentRow(0);
    }

    void login(const std::string &ticket) {
        client_.login(me_, ticket).then([this](tim::Result<void> in) {
            if (!in) return say(in.error());
            line_.setEnabled(true);
            line_.setFocus();
            client_.conv_get_conv_list().then([this](tim::Result<std::vector<tim::ConvInfo>> list) {
                if (list) update(*list);
                load();
            });
        });
    }

private:
    void listen() {
        client_.on_network_status_listener([this](tim_network_status status, int32_t code, const std::string &desc) {
            static const char *const names[] = {"connected", "disconnected", "connecting", "cannot connect"};
            QString text = status >= 0 && status < 4 ? names[status] : "";
            state_.showMessage(code ? text + ": " + QString::number(code) + " " + q(desc) : text);
        });
        client_.on_conv_event([this](tim_conv_event, const std::vector<tim::ConvInfo> &list) { update(list); });
        client_.on_recv_new_msg([this](const std::vector<tim::Message> &messages) {
            for (const tim::Message &message : messages)
                if (message.conv_id == open_) display(message);
            read();
        });
        client_.on_msg_readed_receipt([this](const std::vector<tim::MessageReceipt> &receipts) {
            for (const tim::MessageReceipt &receipt : receipts)
                if (receipt.conv_id == open_) load();
        });
        client_.on_user_status_changed([this](const std::vector<tim::UserStatus> &users) { tell(users); });
        client_.on_kicked_offline([this] {
            line_.setEnabled(false);
            state_.showMessage("You logged in somewhere else.");
        });
    }

    void say(const tim::Error &error) { state_.showMessage(q(error.what())); }

    void tell(const std::vector<tim::UserStatus> &users) {
        for (const tim::UserStatus &user : users)
            if (user.identifier == open_)
                head_.setText(q("<b>" + user.identifier + "</b> ") +
                              (user.status_type == TIM_USER_STATUS_TYPE_ONLINE ? "online" : "offline"));
    }

    void add(const std::string &user, uint64_t unread) {
        QListWidgetItem *item = nullptr;
        for (int row = 0; row < list_.count() && !item; row++)
            if (list_.item(row)->data(Qt::UserRole).toString() == q(user)) item = list_.item(row);
        if (!item) {
            item = new QListWidgetItem(&list_);
            item->setData(Qt::UserRole, q(user));
        }
        item->setText(unread ? q(user + "  (" + std::to_string(unread) + ")") : q(user));
    }
    void update(const std::vector<tim::ConvInfo> &list) {
        for (const tim::ConvInfo &conversation : list)
            if (conversation.type == TIM_CONV_C2C) add(conversation.id, conversation.unread_num);
    }

    void open(const QString &user) {
        open_ = user.toStdString();
        head_.setText("<b>" + user + "</b>");
        if (client_.login_status() == TIM_LOGIN_STATUS_LOGINED) load();
    }

    /// Shows the conversation from its beginning on this page, and says that it was seen.
    void load() {
        tim::MsgGetMsgListParam param;
        param.count = 100;
        client_.msg_get_msg_list(open_, TIM_CONV_C2C, param)
            .then([this, user = open_](tim::Result<std::vector<tim::Message>> page) {
                if (!page) return say(page.error());
                if (user != open_) return;
                view_.clear();
                for (auto message = page->rbegin(); message != page->rend(); ++message) display(*message);
                read();
            });
        client_.subscribe_user_status({open_});
        client_.get_user_status({open_}).then([this](tim::Result<std::vector<tim::UserStatus>> users) {
            if (users) tell(*users);
        });
    }

    void display(const tim::Message &message) {
        QString time = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(message.client_time)).toString("hh:mm");
        QString mark = !message.is_from_self                     ? ""
                       : message.status != TIM_MSG_SEND_SUCC     ? " …"
                       : message.is_peer_read                    ? " ✓✓"
                                                                 : " ✓";
        // Escaped: what others write is text, never HTML.
        view_.append("<span style='color:gray'>" + time + "</span> <b>" + q(message.sender).toHtmlEscaped() +
                     "</b> " + q(tim::text_of(message)).toHtmlEscaped() + "<span style='color:gray'>" + mark +
                     "</span>");
    }

    void read() { client_.msg_report_readed(open_, TIM_CONV_C2C); }

    void send() {
        std::string text = line_.text().toStdString();
        if (text.empty()) return;
        line_.clear();
        // Shown by load(), first as on its way and then as sent; it is sent also when the link is down now.
        client_.send_text(open_, text).then([this](tim::Result<tim::Message> sent) {
            if (!sent) say(sent.error());
            load();
        });
        load();
    }

    tim::Client &client_;
    std::string me_, open_;
    QListWidget list_;
    QTextBrowser view_;
    QLabel head_;
    QLineEdit line_;
    QStatusBar state_;
};

int main(int count, char **arguments) {
    QApplication application(count, arguments);
    const char *app = std::getenv("TIM_APP_ID"), *ticket = std::getenv("TIM_USER_SIG");
    if (count != 3 || !app || !ticket) {
        std::cerr << "usage: desktop ME PEER, with TIM_SERVER_URL, TIM_SERVER_CA, TIM_APP_ID, TIM_USER_SIG set\n";
        return 2;
    }
    tim::SdkConfig config;
    config.callback_mode = "poll";
    tim::Client client(std::strtoull(app, nullptr, 10), config);
    Window window(client, arguments[1], arguments[2]);
    QtLoop loop(client);
    window.login(ticket);
    window.show();
    return application.exec();
}
