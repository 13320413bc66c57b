/* An issuer in the user's store of the system vouches for a server; one that is not there does not. */
#include "common.h"

#include <wincrypt.h>

static void login(const char *folder, int wanted) {
    struct outcome outcome = {0};
    init(folder, "");
    CHECK_INT(tim_login(setting("TIM_USER"), setting("TIM_USER_SIG"), on_outcome, &outcome), TIM_SUCC);
    CHECK(sleep_until(&outcome.calls, 1, LONG_TIME));
    CHECK_INT(outcome.code, wanted);
    CHECK_INT(tim_uninit(), TIM_SUCC);
}

static PCCERT_CONTEXT read_issuer(void) {
    static char pem[16384];
    static BYTE der[16384];
    DWORD size = sizeof der;
    FILE *file = fopen(setting("TIM_TEST_CA"), "rb");
    CHECK(file != NULL);
    DWORD length = (DWORD)fread(pem, 1, sizeof pem - 1, file);
    fclose(file);
    CHECK(CryptStringToBinaryA(pem, length, CRYPT_STRING_BASE64HEADER, der, &size, NULL, NULL));
    PCCERT_CONTEXT issuer = CertCreateCertificateContext(X509_ASN_ENCODING, der, size);
    CHECK(issuer != NULL);
    return issuer;
}

int main(void) {
    PCCERT_CONTEXT issuer = read_issuer();
    login("before", TIM_ERR_TLS_UNKNOWN_ISSUER);

    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, L"ROOT");
    CHECK(store != NULL);
    CHECK(CertAddCertificateContextToStore(store, issuer, CERT_STORE_ADD_REPLACE_EXISTING, NULL));
    /* It is written when the store is closed. */
    CHECK(CertCloseStore(store, 0));
    login("with", TIM_SUCC);
    return 0;
}
