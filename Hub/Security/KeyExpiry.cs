using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Access;

namespace IntegrationHub.Hub.Security;

/// <summary>Tells once an hour which API keys end within a week, before a program stands outside.</summary>
internal sealed partial class KeyExpiry(OutboxTransaction transactions, TimeProvider time, ILogger<KeyExpiry> logger) : IHubJob
{
    private const int MostNamed = 20;
    private static readonly TimeSpan _soon = TimeSpan.FromDays(7);

    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("keys", "0 15 * * * ?", MissedBell.Once);

    /// <inheritdoc />
    public string Description => "Tells which API keys end within a week.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ending = (await transactions.ReadAsync(db => AccessBook.ListAsync(db, cancellationToken))).Where(key => key.IsGoodAt(now) && key.ExpiresAt < now + _soon).OrderBy(key => key.ExpiresAt).ToList();
        foreach (var key in ending)
        {
            LogEnds(key.KeyId, key.ExpiresAt!.Value);
        }

        return ending.Count == 0
            ? "No API key ends within a week."
            : $"Make new ones in time ('keys create'): {string.Join(", ", ending.Take(MostNamed).Select(key => string.Create(CultureInfo.InvariantCulture, $"{key.KeyId} ends at {key.ExpiresAt:u}")))}.";
    }

    [LoggerMessage(2856, LogLevel.Warning, "API key {TokenId} ends at {At:u}; make a new one with 'keys create'")]
    private partial void LogEnds(string tokenId, DateTimeOffset at);
}
