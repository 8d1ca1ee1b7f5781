using System.Buffers.Text;
using System.Security.Cryptography;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Security.Oidc;
using IntegrationHub.Storage.Access;

namespace IntegrationHub.Hub.Console.Access;

/// <summary>
/// Who is signed in. The browser keeps 32 random bytes and the database their hash with the key that was shown, so that any hub of the database knows the session, and
/// whoever's key is revoked is out at the next request: what a key allows is asked each time. Of whom the identity provider vouches for, who it is and the groups that gave a role are kept, no token;
/// what the groups allow is asked each time, too, and the provider again after <see cref="OidcOptions.LongestSession"/>.
/// </summary>
internal sealed class BrowserSessions(ApiKey setting, KeyRing keys, OidcOptions oidc, ProviderRoles roles, OutboxTransaction transactions, TimeProvider time)
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

        await BeginAsync(http, (token, now) => new ConsoleSession(token, isSetting ? null : SecretKey.IdOf(key), SecretKey.HashOf(key), now));
        return true;
    }

    /// <summary>Signs in whom the identity provider vouches for.</summary>
    public Task BeginAsync(HttpContext http, ProvenCaller caller) =>
        BeginAsync(http, (token, now) => new ConsoleSession(token, null, ReadOnlyMemory<byte>.Empty, now) { Person = new SignedInPerson(oidc.Authority!, caller.Id, caller.Name, caller.Groups) });

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

        var caller = session.Person is { } person ? await OfProviderAsync(session, person, now, http.RequestAborted)
            : session.KeyId is { } id ? await keys.FindAsync(id, session.KeyHash, http.RequestAborted)
            : setting.IsStill(session.KeyHash.Span) ? Principal.OfApiKey : null;
        if (caller is not null && session.SeenAt < now - _noted)
        {
            await transactions.RunAsync((db, _) => ConsoleSessions.SeenAsync(db, hash, now, http.RequestAborted), http.RequestAborted);
        }

        return caller;
    }

    /// <summary>Signs out.</summary>
    /// <returns>Whether the identity provider had signed him in.</returns>
    public async Task<bool> EndAsync(HttpContext http)
    {
        var issuer = TokenOf(http) is { } hash ? await transactions.RunAsync((db, _) => ConsoleSessions.EndAsync(db, hash, http.RequestAborted), http.RequestAborted) : null;
        Cookies.Forget(http, Name);
        return issuer is not null && issuer == oidc.Authority;
    }

    private async Task<Principal?> OfProviderAsync(ConsoleSession session, SignedInPerson person, DateTimeOffset now, CancellationToken cancellationToken) =>
        oidc.SignsIn && person.Issuer == oidc.Authority && session.StartedAt > now - oidc.LongestSession && !await keys.IsDisabledAsync(person.PrincipalId, cancellationToken)
        ? roles.Principal(new ProvenCaller(person.PrincipalId, PrincipalKind.Person, person.Name, person.Groups))
        : null;

    private async Task BeginAsync(HttpContext http, Func<ReadOnlyMemory<byte>, DateTimeOffset, ConsoleSession> make)
    {
        var token = RandomNumberGenerator.GetBytes(TokenBytes);
        var now = time.GetUtcNow();
        await transactions.RunAsync((db, _) => ConsoleSessions.BeginAsync(db, make(SHA256.HashData(token), now), now - _idle, http.RequestAborted), http.RequestAborted);
        Cookies.Keep(http, Name, Base64Url.EncodeToString(token));
    }

    private static byte[]? TokenOf(HttpContext http) => Cookies.Find(http, Name) is { } text && Base64Url.IsValid(text, out var length) && length == TokenBytes
        ? SHA256.HashData(Base64Url.DecodeFromChars(text))
        : null;
}
