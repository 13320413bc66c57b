/* Enough JSON for the example: it reads what libtim writes and quotes what libtim reads.
 * A program of yours will have a JSON library; use that.
 *
 * A "value" is a pointer into the text, at the first character of a JSON value, or NULL. */
#ifndef EXAMPLE_JSON_H
#define EXAMPLE_JSON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *json_blank(const char *p) { return p + strspn(p, " \t\r\n"); }

/* The first character behind a value. */
static const char *json_skip(const char *p) {
    int depth = 0;
    do {
        p = json_blank(p);
        if (*p == '"') {
            for (p++; *p && *p != '"'; p++)
                if (*p == '\\' && p[1]) p++;
            if (*p) p++;
        } else if (*p == '{' || *p == '[') {
            depth++, p++;
        } else if (*p == '}' || *p == ']') {
            depth--, p++;
        } else if (*p == ',' || *p == ':') {
            p++;
        } else {
            p += strcspn(p, ",:]} \t\r\n");
        }
    } while (depth > 0 && *p);
    return p;
}

/* The next element of an array: pass the array first, then what was returned. */
static const char *json_next(const char *array, const char *element) {
    if (!array || *json_blank(array) != '[') return NULL;
    const char *p = json_blank(element ? json_skip(element) : json_blank(array) + 1);
    if (*p == ',') p = json_blank(p + 1);
    return *p == ']' || !*p ? NULL : p;
}

/* The value of a key of an object. */
static const char *json_get(const char *object, const char *key) {
    size_t length = strlen(key);
    if (!object || *json_blank(object) != '{') return NULL;
    const char *p = json_blank(json_blank(object) + 1);
    while (*p == '"') {
        const char *behind = json_skip(p);
        int found = (size_t)(behind - p) == length + 2 && !strncmp(p + 1, key, length);
        p = json_blank(behind);
        if (*p == ':') p = json_blank(p + 1);
        if (found) return p;
        p = json_blank(json_skip(p));
        if (*p == ',') p = json_blank(p + 1);
    }
    return NULL;
}

/* A number, or 0. */
static long long json_int(const char *value) { return value ? strtoll(value, NULL, 10) : 0; }

/* A text with its escapes undone; control characters become blanks, so that what others write
 * cannot steer the terminal. libtim leaves all characters beyond ASCII as they are. */
static const char *json_text(const char *value, char *out, size_t size) {
    size_t n = 0;
    const char *p = value && *value == '"' ? value + 1 : "\"";
    for (; *p && *p != '"' && n + 1 < size; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\\') {
            char hex[5] = "";
            c = (unsigned char)*++p;
            if (c == 'u' && strlen(p) > 4) memcpy(hex, p + 1, 4), p += 4;
            c = c == 'u' ? (unsigned char)strtol(hex, NULL, 16) : strchr("bfnrt", c) ? ' ' : c;
        }
        out[n++] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
    }
    out[n] = '\0';
    return out;
}

/* A text as JSON, quotation marks included. */
static const char *json_quote(const char *text, char *out, size_t size) {
    size_t n = 0;
    out[n++] = '"';
    for (; *text && n + 8 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') out[n++] = '\\', out[n++] = (char)c;
        else if (c < 0x20) n += (size_t)snprintf(out + n, size - n, "\\u%04x", c);
        else out[n++] = (char)c;
    }
    out[n++] = '"', out[n] = '\0';
    return out;
}

#endif
