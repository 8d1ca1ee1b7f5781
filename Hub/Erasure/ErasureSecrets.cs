using System.Security.Cryptography;
using IntegrationHub.Storage.Erasures;

namespace IntegrationHub.Hub.Erasure;

/// <summary>
/// The two secrets of erasures: what tombstones are hashed with, and what certificates are signed with. Both are given by reference; without one the hub makes a file in its data folder that
/// only its own user can read.
/// </summary>
internal static class ErasureSecrets
{
    private const string TombstoneFile = "tombstone.key";
    private const string CertificateFile = "certificate.pem";
    private const string LockFile = "secrets.lock";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>The secrets of tombstones, the newest first.</summary>
    /// <exception cref="HubConfigurationException">A reference leads nowhere, or to something that is no secret.</exception>
    public static TombstoneSecrets ReadTombstones(HubOptions options)
    {
        if (options.TombstoneKeys is null)
        {
            return new TombstoneSecrets([Decode(OwnFile(options, TombstoneFile, () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(TombstoneSecret.LeastBytes))), TombstoneFile)]);
        }

        return new TombstoneSecrets([.. options.TombstoneKeys.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(reference => Decode(SecretSetting.Read("Hub:TombstoneKeys", reference), reference))]);
    }

    /// <summary>The key that certificates are signed with.</summary>
    /// <exception cref="HubConfigurationException">The reference leads nowhere, or to something that is no such key.</exception>
    public static CertificateSigner ReadCertificateKey(HubOptions options)
    {
        var pem = options.CertificateKey is { } reference ? SecretSetting.Read("Hub:CertificateKey", reference) : OwnFile(options, CertificateFile, MakePem);
        try
        {
            var key = ECDsa.Create();
            key.ImportFromPem(pem);
            return key.KeySize == 256 ? new CertificateSigner(key) : throw new ArgumentException("another curve");
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            throw SecretSetting.Wrong("Hub:CertificateKey", "holds no private key on the curve P-256 in PEM", "Make one: openssl ecparam -name prime256v1 -genkey -noout -out certificate.pem");
        }
    }

    private static TombstoneSecret Decode(string text, string reference)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var length) && length >= TombstoneSecret.LeastBytes
            ? new TombstoneSecret(bytes.AsSpan(0, length))
            : throw SecretSetting.Wrong("Hub:TombstoneKeys", $"{reference} does not hold 32 random bytes or more in Base64", "Make one: openssl rand -base64 32");
    }

    /// <summary>Whoever comes first makes it; who comes second reads that one: hubs that start together may share the folder.</summary>
    private static string OwnFile(HubOptions options, string name, Func<string> make)
    {
        var path = Path.Combine(Path.GetFullPath(options.DataPath), name);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(options.DataPath);
            using var turn = Turn(Path.Combine(Path.GetFullPath(options.DataPath), LockFile));
            if (!File.Exists(path))
            {
                Write($"{path}.new", make());
                File.Move($"{path}.new", path); // all of it or nothing, whenever the process ends
            }
        }

        return File.ReadAllText(path);
    }

    private static void Write(string path, string text)
    {
        var mode = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, mode);
        writer.Write(text);
    }

    /// <summary>Held by one at a time, over all processes that share the folder; the system lets it go when its holder ends.</summary>
    private static FileStream Turn(string path)
    {
        FileStream? turn = null;
        SpinWait.SpinUntil(
            () =>
            {
                try
                {
                    turn = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException) when (File.Exists(path))
                {
                }

                return turn is not null;
            },
            _patience);
        return turn ?? throw SecretSetting.Wrong("Hub:DataPath", $"another process holds {path}", "End it, or give the hub its secrets by Hub:TombstoneKeys and Hub:CertificateKey");
    }

    private static string MakePem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
