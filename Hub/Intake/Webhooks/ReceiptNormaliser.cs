using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.OptOuts;
using IntegrationHub.Hub.Intake.Webhooks.Dialects;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.OptOuts;
using IntegrationHub.Storage.Renames;
using IntegrationHub.Storage.Webhooks;

namespace IntegrationHub.Hub.Intake.Webhooks;

/// <summary>
/// Turns receipts into facts, oldest first, one instance at a time. A receipt is done after its facts are taken in: after a crash between the two they are
/// given again under the same ids, and change nothing.
/// </summary>
internal sealed partial class ReceiptNormaliser(
    OutboxTransaction transactions, FactIntake intake, Tombstones tombstones, HubConfiguration configuration, HubInstance instance, ReceiptSignal signal, HubTelemetry telemetry, TimeProvider time,
    ILogger<ReceiptNormaliser> logger) : BackgroundService
{
    private const int MostReceipts = 200;
    private const long MostBytes = 16 * 1024 * 1024;
    private const int ToldFailures = 30;
    private static readonly TimeSpan _turn = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await NormaliseAsync(stoppingToken) > 0)
                {
                    // There may be more.
                }

                failures = 0;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (++failures is 1 or ToldFailures)
                {
                    LogFailed(nameof(ReceiptNormaliser), exception.GetType().Name, failures);
                }
            }

            await signal.WaitAsync(_look, time, stoppingToken);
        }
    }

    /// <summary>Turns some receipts into facts.</summary>
    /// <returns>How many; 0 when none waits, or another instance has its turn.</returns>
    internal async Task<int> NormaliseAsync(CancellationToken cancellationToken)
    {
        if ((await transactions.ReadAsync(db => WebhookReceipts.ReadWaitingAsync(db, 1, 1, cancellationToken))).Count == 0
            || await transactions.RunAsync((db, _) => WebhookReceipts.TakeTurnAsync(db, instance.Name, _turn, cancellationToken), cancellationToken) is not { } turn)
        {
            return 0;
        }

        try
        {
            var waiting = await transactions.ReadAsync(db => WebhookReceipts.ReadWaitingAsync(db, MostReceipts, MostBytes, cancellationToken));
            await TakeInAsync(waiting, cancellationToken);
            return waiting.Count;
        }
        finally
        {
            await transactions.RunAsync((db, _) => WebhookReceipts.ReleaseTurnAsync(db, turn, CancellationToken.None), CancellationToken.None);
        }
    }

    private async Task TakeInAsync(IReadOnlyList<WebhookReceipt> waiting, CancellationToken cancellationToken)
    {
        var facts = new List<(Guid ReceiptId, DraftedFact Fact)>();
        var erased = new HashSet<Guid>();
        var nothing = new List<(string Source, string Reason, int Count)>();
        // Asked for after the receipts: what these are called by now is known.
        var sources = new KnownSources(configuration, await transactions.ReadAsync(db => SourceNames.ReadAsync(db, cancellationToken)));
        var people = await FindPeopleAsync(waiting, sources, cancellationToken);
        var told = await FindToldAsync(people, sources, cancellationToken);
        foreach (var receipt in waiting)
        {
            var normalised = Read(receipt, sources.Find(receipt.Source), people.GetValueOrDefault(receipt.Source), told.GetValueOrDefault(receipt.Source));
            erased.UnionWith(normalised.NamesErased ? [receipt.ReceiptId] : []);
            facts.AddRange(normalised.Facts.Select(fact => (receipt.ReceiptId, fact)));
            nothing.AddRange(normalised.Nothing.Select(left => (receipt.Source, left.Key, left.Value)));
        }

        foreach (var batch in facts.Chunk(FactRoutes.BatchFacts))
        {
            var verdicts = await intake.TakeInAsync([.. batch.Select(drafted => drafted.Fact.Body)], cancellationToken, Array.ConvertAll(batch, drafted => drafted.Fact.Defect));
            erased.UnionWith(batch.Where((_, i) => verdicts[i].IsErased).Select(drafted => drafted.ReceiptId));
        }

        foreach (var receipts in waiting.Select(receipt => receipt.ReceiptId).ToLookup(id => !erased.Contains(id)))
        {
            await transactions.RunAsync((db, _) => WebhookReceipts.FinishAsync(db, [.. receipts], receipts.Key, time.GetUtcNow(), cancellationToken), cancellationToken);
        }

        nothing.ForEach(left => telemetry.WithoutFact(left.Source, left.Reason, left.Count));
    }

    /// <summary>Whom the calls name by ids of a destination, by source.</summary>
    private async Task<Dictionary<string, NamedContacts>> FindPeopleAsync(IReadOnlyList<WebhookReceipt> waiting, KnownSources sources, CancellationToken cancellationToken)
    {
        var people = new Dictionary<string, NamedContacts>(StringComparer.Ordinal);
        foreach (var calls in waiting.GroupBy(receipt => receipt.Source, StringComparer.Ordinal))
        {
            if (sources.Find(calls.Key)?.Destination is { } destination)
            {
                string[] contacts = [.. calls.SelectMany(call => HubSpotDialect.ContactsOf(call.Body)).Distinct(StringComparer.Ordinal)];
                var known = await transactions.ReadAsync(db => KnownContacts.FindAsync(db, destination, contacts, cancellationToken));

                // Looked for afterwards: who is erased in between is known by keys that intake does not take.
                people[calls.Key] = new NamedContacts(contacts, known, await transactions.ReadAsync(db => tombstones.FindRemoteAsync(db, destination, contacts, cancellationToken)));
            }
        }

        return people;
    }

    /// <summary>What the destinations that sources speak of were told of those people, by source.</summary>
    private async Task<Dictionary<string, ToldBack>> FindToldAsync(Dictionary<string, NamedContacts> people, KnownSources sources, CancellationToken cancellationToken)
    {
        var told = new Dictionary<string, ToldBack>(StringComparer.Ordinal);
        foreach (var (source, (contacts, known, _)) in people)
        {
            var destination = sources.Find(source)!.Destination!;
            if (configuration.Destinations.GetValueOrDefault(destination)?.Consent is { } kept)
            {
                string[] names = [.. contacts.SelectMany(contact => ToldBack.NamesOf(contact, known.GetValueOrDefault(contact))).Distinct(StringComparer.Ordinal)];
                told[source] = new ToldBack(kept, await transactions.ReadAsync(db => ToldDenials.FindAsync(db, destination, names, cancellationToken)));
            }
        }

        return told;
    }

    private Normalised Read(WebhookReceipt receipt, SourceConfiguration? source, NamedContacts? people, ToldBack? told)
    {
        if (source is null)
        {
            return SetAside(receipt, "source_unknown", "The source of this call is no longer configured. Put its file back, and let the source send the call again.");
        }

        try
        {
            return Normalisation.Read(source, receipt.IdempotencyKey, receipt.Body, people?.Known, told, people?.Erased);
        }
#pragma warning disable CA1031 // one call that nobody foresaw must not hold up all that follow
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogUnforeseen(receipt.Source, receipt.ReceiptId, exception.GetType().Name);
            return SetAside(receipt, "call_unreadable", "The hub could not read this call.");
        }
    }

    private static Normalised SetAside(WebhookReceipt receipt, string code, string problem)
    {
        var normalised = new Normalised();
        normalised.SetAside(receipt.Body, "", code, problem);
        return normalised;
    }

    /// <param name="Ids">Ids of the destination that calls name.</param>
    /// <param name="Known">Whom the hub sent there under them.</param>
    /// <param name="Erased">Those that were an erased person's.</param>
    private sealed record NamedContacts(string[] Ids, IReadOnlyDictionary<string, KnownContact> Known, IReadOnlySet<string> Erased);

    [LoggerMessage(1331, LogLevel.Warning, "{Loop} could not turn webhooks into facts ({Error}), {Failures} times in a row; it goes on trying")]
    private partial void LogFailed(string loop, string error, int failures);

    [LoggerMessage(1332, LogLevel.Error, "The call {ReceiptId} of the source {Name} could not be read ({Error}); it is set aside")]
    private partial void LogUnforeseen(string name, Guid receiptId, string error);
}
