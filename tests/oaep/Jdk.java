// The JDK's own provider. Usage: Jdk WAY ALGORITHM PUBLIC-KEY MATERIAL; prints the ciphertext in base64.

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;

class Jdk {
    public static void main(String[] args) throws Exception {
        byte[] der = Files.readAllBytes(Path.of(args[2]));
        PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
        Cipher cipher = cipher(args[0], args[1], key);
        byte[] wrapped = cipher.doFinal(Files.readAllBytes(Path.of(args[3])));
        System.out.println(Base64.getEncoder().encodeToString(wrapped));
    }

    private static Cipher cipher(String way, String algorithm, PublicKey key) throws Exception {
        Cipher cipher = Cipher.getInstance(way.equals("only-RSA") ? "RSA" : transformation(way, algorithm));
        if (way.equals("with-spec") && !algorithm.equals("RSAES_PKCS1_V1_5")) {
            String hash = algorithm.equals("RSAES_OAEP_SHA_1") ? "SHA-1" : "SHA-256";
            cipher.init(Cipher.ENCRYPT_MODE, key,
                    new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT));
        } else {
            cipher.init(Cipher.ENCRYPT_MODE, key);
        }
        return cipher;
    }

    private static String transformation(String way, String algorithm) {
        if (algorithm.equals("RSAES_PKCS1_V1_5")) {
            return "RSA/ECB/PKCS1Padding";
        }
        if (way.equals("OAEPPadding")) {
            return "RSA/ECB/OAEPPadding";
        }
        return algorithm.equals("RSAES_OAEP_SHA_1")
                ? "RSA/ECB/OAEPWithSHA-1AndMGF1Padding"
                : "RSA/ECB/OAEPWithSHA-256AndMGF1Padding";
    }
}
