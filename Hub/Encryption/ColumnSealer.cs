using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Hub.Encryption;

/// <summary>
/// Seals with the current key what stands in clear or is sealed with an earlier one, and opens everything where there is no current key: so encryption is turned on, its key is changed and it is turned off
/// while hubs run. Of the log it goes on where it ended; what a hub with other settings wrote since is found, for that stands after it.
/// </summary>
internal sealed class ColumnSealer(OutboxTransaction transactions, ILedger ledger, SealingKeys keys, HubTelemetry telemetry, TimeProvider time) : IHubJob
{
    private static readonly ILookup<bool, string> _columns = SealedColumn.All.ToLookup(column => column.IsOfProfiles, column => column.Place);

    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("encryption", "0 40 * * * ?", MissedBell.Once);

    /// <inheritdoc />
    public string Description => $"Seals what is to be sealed with the current key, or opens it when there is none: {string.Join(", ", _columns[false])}; with Hub:Encryption:Profiles also {string.Join(", ", _columns[true])}. Everything else stays in clear, keys of people among it.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        if (keys.All.Count == 0)
        {
            return "Off: this hub has no keys (Hub:Encryption:Keys), and seals nothing.";
        }

        try
        {
            return await SealAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is MissingSealingKeyException or BrokenSealException)
        {
            throw new HubJobException(exception.Message);
        }
    }

    private async Task<string> SealAsync(CancellationToken cancellationToken)
    {
        var (begun, written, broken) = (time.GetUtcNow(), 0L, new Dictionary<string, int>(StringComparer.Ordinal));
        var facts = SealedColumn.FactBody.Place;
        var position = await transactions.RunAsync((db, _) => SealingPass.BeginAsync(db, begun, cancellationToken), cancellationToken);
        while (await transactions.RunAsync((db, _) => SealingPass.SealFactsAsync(db, position, broken.GetValueOrDefault(facts) == 0, cancellationToken), cancellationToken) is { } part)
        {
            position = part.Last;
            written += part.Written;
            telemetry.WrittenAnew(facts, keys.Current?.Id, part.Written);
            broken[facts] = broken.GetValueOrDefault(facts) + part.Broken;
        }

        foreach (var column in SealedColumn.All.Where(column => column != SealedColumn.FactBody))
        {
            IReadOnlyList<object>? last = null;
            broken[column.Place] = 0;
            while (await transactions.RunAsync((db, _) => SealingPass.SealNextAsync(db, ledger, column, last, cancellationToken), cancellationToken) is { } part)
            {
                last = part.Last;
                written += part.Written;
                telemetry.WrittenAnew(column.Place, keys.CurrentOf(column)?.Id, part.Written);
                broken[column.Place] += part.Broken;
            }
        }

        foreach (var (place, left) in broken)
        {
            telemetry.DidNotOpen(place, left);
        }

        if (broken.Where(place => place.Value > 0).Select(place => string.Create(CultureInfo.InvariantCulture, $"{place.Value:N0} of {place.Key}")).ToList() is { Count: > 0 } damaged)
        {
            throw new HubJobException(string.Create(
                CultureInfo.InvariantCulture,
                $"{written:N0} values written anew; these do not open and stay as they are: {string.Join(", ", damaged)}. They were changed, cut off or put into other rows: compare them with a backup. No key is forgotten until they are mended or gone."));
        }

        var named = await transactions.RunAsync((db, _) => SealingPass.EndAsync(db, begun, cancellationToken), cancellationToken);
        var earlier = named.Where(id => id != keys.Current?.Id).ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{written:N0} values written anew; the log is done up to position {position}. {(keys.Current is { } current ? $"Sealed with '{current.Id}', {(keys.SealsProfiles ? "and so are attributes of profiles" : "but for attributes of profiles")}." : "All in clear.")} {(earlier.Count == 0 ? "No earlier key is needed any more." : $"Keys that may be needed yet: {string.Join(", ", earlier)}.")}");
    }
}
