// libtim in Qt's main loop: with callback_mode "poll", all callbacks run on the thread of the GUI.
#ifndef EXAMPLE_QT_LOOP_HPP
#define EXAMPLE_QT_LOOP_HPP

#include <QCoreApplication>
#include <QObject>

#include "tim.hpp"

/// Keep it as long as the client, on the GUI's thread.
class QtLoop : public QObject {
public:
    explicit QtLoop(tim::Client &client) : client_(client) {
        // libtim calls this on any thread, once for each time that callbacks begin to wait; the loop
        // comes to it when it is free.
        client_.on_wakeup([this] { later(); });
    }
    ~QtLoop() override { client_.on_wakeup(nullptr); }

private:
    void later() { QMetaObject::invokeMethod(this, [this] { poll(); }, Qt::QueuedConnection); }
    void poll() {
        // A few at a time, so that the window stays alive while much comes.
        const int few = 100;
        if (client_.poll(few) == few) later();
    }

    tim::Client &client_;
};

#endif
