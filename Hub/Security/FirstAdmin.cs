using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Access;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Security;

/// <summary>Where keys are required and the settings hold none, somebody must have the first one: it is printed once, to standard error, by the first hub that starts.</summary>
internal sealed class FirstAdmin(ApiKey setting, KeyRing keys, OutboxTransaction transactions, TimeProvider time) : IHostedService
{
    /// <summary>Whose key it is.</summary>
    public const string Id = "person:admin";

    /// <summary>Where the key is printed.</summary>
    internal TextWriter Screen { get; init; } = System.Console.Error;

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!setting.AreKeysRequired || setting.IsConfigured)
        {
            return;
        }

        var (id, text) = SecretKey.Create();
        var now = time.GetUtcNow();
        var key = new AccessKey { KeyId = id, Principal = new AccessPrincipal(Id, "person", "admin", ["admin"]), Hash = SecretKey.HashOf(text), Scopes = [], Note = "first key", CreatedAt = now, CreatedBy = "hub" };
        var isFirst = await transactions.RunAsync(
            async (db, _) =>
            {
                var added = await AccessBook.TryAddFirstAsync(db, key, cancellationToken);
                if (added)
                {
                    await AuditLog.AppendAsync(db, new AuditEntry(now, "hub", AuditVia.Hub, "keys.create", $"key:{id}", $"for {Id}, the first one"), cancellationToken);

                    // Before the commit: a hub that ends in between makes another one at its next start, while one that is committed and was never shown locks everybody out.
                    await Screen.WriteLineAsync($"This key of {Id} is shown once and never again. Keep it, make keys for others with it ('keys create'), then revoke it: {text}");
                }

                return added;
            },
            cancellationToken);
        if (isFirst)
        {
            keys.Forget();
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
