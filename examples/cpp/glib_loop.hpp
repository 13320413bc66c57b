// libtim in GLib's main loop (GTK, GNOME): with callback_mode "poll", all callbacks run there.
#ifndef EXAMPLE_GLIB_LOOP_HPP
#define EXAMPLE_GLIB_LOOP_HPP

#include <glib-unix.h>

#include "tim.hpp"

/// Keep it as long as the client. Runs in the default main context.
class GlibLoop {
public:
    explicit GlibLoop(tim::Client &client) : client_(client) {
        source_ = g_unix_fd_add(client.poll_fd(), G_IO_IN, poll, this);
    }
    ~GlibLoop() { g_source_remove(source_); }
    GlibLoop(const GlibLoop &) = delete;

private:
    static gboolean poll(gint, GIOCondition, gpointer self) {
        // A few at a time, so that the window stays alive while much comes: the descriptor is readable
        // for as long as callbacks wait.
        static_cast<GlibLoop *>(self)->client_.poll(100);
        return G_SOURCE_CONTINUE;
    }

    tim::Client &client_;
    guint source_;
};

#endif
