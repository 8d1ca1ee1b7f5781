using System.Buffers.Text;
using System.Security.Cryptography;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Access;

namespace IntegrationHub.Hub.Console.Access;

/// <summary>
/// Who is signed in. The browser keeps 32 random bytes and the database their hash with the key that was shown, so that any hub of the database knows the session, and
/// whoever's key is revoked is out at the next request: what a key allows is asked each time.
/// </summary>
internal sealed class BrowserSessions(ApiKey setting, KeyRing keys, OutboxTransaction transactions, TimeProvider time)
{
    private const string Name = "hub-session";
    private const int TokenBytes = 32;
    private static readonly TimeSpan _idle = TimeSpan.FromHours(8);
    private static readonly TimeSpan _noted = TimeSpan.FromMinutes(1);

    /// <summary>Signs in with a key; false when it opens nothing.</summary>
    public async Task<bool> BeginAsync(HttpContext http, string key)
    {
        var isSetting = setting.Matches(key);
        if (!isSetting && await keys.FindAsync(key, http.RequestAborted) is null)
        {
            return false;
        }

        var token = RandomNumberGenerator.GetBytes(TokenBytes);
        var now = time.GetUtcNow();
        var session = new ConsoleSession(SHA256.HashData(token), isSetting ? null : SecretKey.IdOf(key), SecretKey.HashOf(key), now);
        await transactions.RunAsync((db, _) => ConsoleSessions.BeginAsync(db, session, now - _idle, http.RequestAborted), http.RequestAborted);
        Cookies.Keep(http, Name, Base64Url.EncodeToString(token));
        return true;
    }

    /// <summary>Who is signed in, or null.</summary>
    public async Task<Principal?> FindAsync(HttpContext http)
    {
        if (TokenOf(http) is not { } hash)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (await transactions.ReadAsync(db => ConsoleSessions.FindAsync(db, hash, http.RequestAborted)) is not { } session || session.SeenAt < now - _idle)
        {
            return null;
        }

        var caller = session.KeyId is { } id
            ? await keys.FindAsync(id, session.KeyHash, http.RequestAborted)
            : setting.IsStill(session.KeyHash.Span) ? Principal.OfApiKey : null;
        if (caller is not null && session.SeenAt < now - _noted)
        {
            await transactions.RunAsync((db, _) => ConsoleSessions.SeenAsync(db, hash, now, http.RequestAborted), http.RequestAborted);
        }

        return caller;
    }

    /// <summary>Signs out.</summary>
    public async Task EndAsync(HttpContext http)
    {
        if (TokenOf(http) is { } hash)
        {
            await transactions.RunAsync((db, _) => ConsoleSessions.EndAsync(db, hash, http.RequestAborted), http.RequestAborted);
        }

        Cookies.Forget(http, Name);
    }

    private static byte[]? TokenOf(HttpContext http) => Cookies.Find(http, Name) is { } text && Base64Url.IsValid(text, out var length) && length == TokenBytes
        ? SHA256.HashData(Base64Url.DecodeFromChars(text))
        : null;
}
