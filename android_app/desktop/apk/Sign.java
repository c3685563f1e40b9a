import com.android.apksig.ApkSigner;
import com.android.apksig.ApkVerifier;
import java.io.File;
import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** Signs an APK with schemes 1, 2 and 3, then verifies what came out: key store, unsigned, signed. */
public final class Sign {
    private static final String NAME = "androiddebugkey";
    private static final char[] PASSWORD = "android".toCharArray();
    /** Scheme 1 is read below Android 7 only; it is written all the same, for older tools that look at it. */
    private static final int OLDEST_READER = 23;

    public static void main(String[] args) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (FileInputStream in = new FileInputStream(args[0])) {
            keys.load(in, PASSWORD);
        }
        PrivateKey key = (PrivateKey) keys.getKey(NAME, PASSWORD);
        X509Certificate certificate = (X509Certificate) keys.getCertificate(NAME);
        ApkSigner.SignerConfig signer =
                new ApkSigner.SignerConfig.Builder("handset", key, List.of(certificate)).build();
        File signed = new File(args[2]);
        new ApkSigner.Builder(List.of(signer))
                .setInputApk(new File(args[1]))
                .setOutputApk(signed)
                .setMinSdkVersion(OLDEST_READER)
                .setV1SigningEnabled(true)
                .setV2SigningEnabled(true)
                .setV3SigningEnabled(true)
                .setAlignFileSize(false)
                .setAlignmentPreserved(true)
                .build()
                .sign();
        verify(signed);
    }

    private static void verify(File apk) throws Exception {
        ApkVerifier.Result result = new ApkVerifier.Builder(apk).setMinCheckedPlatformVersion(OLDEST_READER).build().verify();
        if (!result.isVerified()) {
            System.err.println("the signature does not verify: " + result.getErrors());
            System.exit(1);
        }
        System.out.println((result.isVerifiedUsingV1Scheme() ? "v1 " : "")
                + (result.isVerifiedUsingV2Scheme() ? "v2 " : "")
                + (result.isVerifiedUsingV3Scheme() ? "v3" : ""));
    }
}
