using System.Diagnostics;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Intake.Catalog.Drift;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Storage.Shadows;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// Takes facts in, through whatever door they came: one transaction per batch, repeats swallowed by event id in the insert. A fact that is wrong
/// is set aside alone, with its path and a reason, and its neighbours are taken in; so is one that only the database finds wrong, for which the
/// batch is halved until it stands alone.
/// </summary>
internal sealed partial class FactIntake(
    OutboxTransaction transactions, ILedger ledger, IQuarantine quarantine, IDeliveryStore deliveries, Tombstones tombstones, Doorbell doorbell, HubConfiguration configuration, FactRetention retention, HubTelemetry telemetry, TimeProvider time, ILogger<FactIntake> logger,
    FieldTally? fields = null, LiveBell? live = null, FactTerms? terms = null)
{
    /// <summary>Versions that may come into force while one batch is written.</summary>
    private const int MostVersions = 5;

    private static readonly ShadowedFacts _none = new(new HashSet<Guid>(), new HashSet<Guid>());

    private readonly FactTerms _terms = terms ?? new FactTerms(configuration);

    /// <summary>Takes a batch in. When it throws, nothing of the part that threw was taken in, and the batch may be given again.</summary>
    /// <param name="bodies">The messages.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="defects">Of each message what the door knows to be wrong with it, or null; null when it knows of none.</param>
    /// <param name="producers">Traces that the messages say they belong to, besides what stands in them.</param>
    /// <param name="callers">Traces of those who brought the messages; null for the one that is under way.</param>
    /// <returns>What became of each message.</returns>
    public Task<IReadOnlyList<FactVerdict>> TakeInAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken, IReadOnlyList<FactDefect?>? defects = null, IEnumerable<ActivityContext>? producers = null,
        IReadOnlyList<ActivityContext>? callers = null) =>
        TakeInAsync(bodies, retention, defects, producers ?? [], callers, cancellationToken);

    /// <summary>What would become of a message if it were taken in now, as far as the message itself tells.</summary>
    public FactVerdict Judge(ReadOnlyMemory<byte> body) => FactReading.Read(body, time.GetUtcNow(), _terms.Now.Authority, retention, _terms.Now.Rules);

    /// <summary>As the other one, for what a list says of consent: a decision is as old as it is, and said again after its id is forgotten it changes nothing.</summary>
    public Task<IReadOnlyList<FactVerdict>> TakeInListedAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken) =>
        TakeInAsync(bodies, FactRetention.Endless, null, [], null, cancellationToken);

    private async Task<IReadOnlyList<FactVerdict>> TakeInAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> bodies, FactRetention kept, IReadOnlyList<FactDefect?>? defects, IEnumerable<ActivityContext> producers, IReadOnlyList<ActivityContext>? callers,
        CancellationToken cancellationToken)
    {
        using var activity = HubTraces.TakingIn(bodies.Count, callers ?? (Activity.Current is { } caller ? [caller.Context] : []));
        var now = time.GetUtcNow();
        var terms = _terms.Now;
        var verdicts = bodies.Select((_, i) => Read(i, terms)).ToArray();
        HubTraces.Link(activity, verdicts.Select(verdict => verdict.Trace).OfType<ActivityContext>().Concat(producers));
        await WriteAsync(bodies, verdicts, 0, verdicts.Length, Read, cancellationToken);
        if (Array.Exists(verdicts, verdict => verdict is { Precautions.Count: > 0 } or { Fact.Consents.Count: > 0 } or { Fact.EventName: not null }))
        {
            await RingAsync(cancellationToken);
        }

        live?.Expect(verdicts.Count(verdict => verdict is { IsRepeat: false, IsErased: false, IsShadow: false, Fact: not null }));
        foreach (var verdict in verdicts)
        {
            if (verdict is { IsErased: false, Quarantined: { } quarantined })
            {
                LogQuarantined(verdict.EventType, quarantined.EventId, quarantined.QuarantineId, quarantined.Path, quarantined.Code, quarantined.Problem);
            }
        }

        return verdicts;

        FactVerdict Read(int i, FactTerms.Terms by)
        {
            var verdict = defects?[i] is { } defect ? FactReading.SetAside(bodies[i], now, defect, by.Authority.Purposes) : FactReading.Read(bodies[i], now, by.Authority, kept, by.Rules);
            return verdict with { IsShadow = verdict.Fact is { } stated && by.IsShadow(stated), ConfigVersion = by.Version };
        }
    }

    /// <summary>Rings for what facts have just made owed. Best effort: the sweeper rings again for what is not answered.</summary>
    public async Task RingAsync(CancellationToken cancellationToken) =>
        await doorbell.RingAsync(await transactions.ReadAsync(db => deliveries.FindLiveWorkAsync(db, time.GetUtcNow(), cancellationToken)), cancellationToken);

    private async Task WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, FactVerdict[] verdicts, int start, int count, Func<int, FactTerms.Terms, FactVerdict> read, CancellationToken cancellationToken)
    {
        try
        {
            await WriteInForceAsync(bodies, verdicts, start, count, read, cancellationToken);
        }
        catch (Exception exception) when (DataError.IsCauseOf(exception) && (count > 1 || verdicts[start] is { Fact: not null } or { Precautions.Count: > 0 }))
        {
            if (count > 1)
            {
                await WriteAsync(bodies, verdicts, start, count / 2, read, cancellationToken);
                await WriteAsync(bodies, verdicts, start + count / 2, count - count / 2, read, cancellationToken);
                return;
            }

            var refused = verdicts[start];
            LogRefused(refused.EventType, refused.Fact?.EventId ?? refused.Quarantined!.QuarantineId, exception.GetType().Name);
            verdicts[start] = refused.Fact is null ? refused with { Precautions = [] } : FactReading.Refused(bodies[start], refused, time.GetUtcNow());
            await WriteAsync(bodies, verdicts, start, 1, read, cancellationToken);
        }
    }

    /// <summary>Writes a part of a batch, read anew as often as another version of the configuration came into force since it was read.</summary>
    private async Task WriteInForceAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, FactVerdict[] verdicts, int start, int count, Func<int, FactTerms.Terms, FactVerdict> read, CancellationToken cancellationToken)
    {
        for (var versions = 1; ; versions++)
        {
            try
            {
                await WriteAsync(bodies, new ArraySegment<FactVerdict>(verdicts, start, count), cancellationToken);
                return;
            }
            catch (ConfigurationBehindException behind) when (versions < MostVersions)
            {
                await _terms.FollowAsync(behind.Version, cancellationToken);
                var terms = _terms.Now;
                LogReadAnew(count, behind.Version, terms.Version);
                for (var i = start; i < start + count; i++)
                {
                    verdicts[i] = read(i, terms);
                }
            }
        }
    }

    private async Task WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, ArraySegment<FactVerdict> verdicts, CancellationToken cancellationToken)
    {
        var facts = verdicts.Where(verdict => !verdict.IsShadow).Select(verdict => verdict.Fact).OfType<LedgerFact>().ToList();
        var shadows = verdicts.Where(verdict => verdict.IsShadow).Select(verdict => verdict.Fact!).ToList();
        var setAside = verdicts.Where(verdict => verdict.Quarantined is not null).DistinctBy(verdict => verdict.Quarantined!.QuarantineId).ToList();
        if (verdicts.Count == 0)
        {
            return;
        }

        var config = verdicts[0].ConfigVersion;
        var unseen = new HashSet<Guid>(); // of what is set aside, then of everything
        FactVerdict[] judged = [];
        List<FactVerdict> counted = [];
        var result = await transactions.RunAsync(
            async (db, _) =>
            {
                var gone = await FindErasedAsync(db, bodies, verdicts, cancellationToken);
                setAside.RemoveAll(verdict => gone.Contains(verdict.Quarantined!.QuarantineId));
                unseen = setAside.Count == 0
                    ? []
                    : [.. await quarantine.AddAsync(db, setAside.ConvertAll(verdict => verdict.Quarantined!), cancellationToken)];
                var compared = shadows.Count == 0 ? _none : await ledger.ShadowAsync(db, shadows, null, cancellationToken, config);
                var shadowed = shadows.Where(fact => !compared.Erased.Contains(fact.EventId)).ToList();
                var precautions = setAside.Where(verdict => unseen.Contains(verdict.Quarantined!.QuarantineId)).SelectMany(verdict => verdict.Precautions);
                var appended = await ledger.AppendAsync(db, [.. facts, .. precautions, .. shadowed.SelectMany(ShadowedFact.CountingOf)], cancellationToken, config);
                judged = [.. verdicts.Select((verdict, i) => verdict.Fact is { } fact && appended.Contested.TryGetValue(fact.EventId, out var candidates)
                    ? FactReading.Contested(bodies[verdicts.Offset + i], fact, candidates, time.GetUtcNow())
                    : (verdict.Fact is { } stated ? appended.Erased.Contains(stated.EventId) || compared.Erased.Contains(stated.EventId) : gone.Contains(verdict.Quarantined!.QuarantineId)) ? verdict with { IsErased = true } : verdict)];
                List<QuarantinedFact> contested = [.. judged.Where((verdict, i) => !verdict.IsErased && verdict != verdicts[i]).Select(verdict => verdict.Quarantined!).DistinctBy(fact => fact.QuarantineId)];
                if (contested.Count > 0)
                {
                    unseen.UnionWith(await quarantine.AddAsync(db, contested, cancellationToken));
                }

                unseen.UnionWith(compared.News);
                judged = [.. judged.Select(verdict => verdict.Fact is { } taken && appended.Refused.TryGetValue(taken.EventId, out var refused)
                    ? verdict with { Violations = [.. verdict.Violations, .. ViolationReading.OfRefused(refused, taken)] }
                    : verdict)];
                HashSet<Guid> news = [.. appended.News, .. unseen];
                var came = counted = judged.Where(verdict => news.Remove(verdict.Fact?.EventId ?? verdict.Quarantined!.QuarantineId)).ToList();
                await ledger.CountAsync(db, FactVerdict.Volumes(came), came.SelectMany(verdict => verdict.Violations), cancellationToken);
                return appended;
            },
            cancellationToken);
        unseen.UnionWith(result.News);
        fields?.Count(counted);
        for (var i = 0; i < verdicts.Count; i++)
        {
            verdicts[i] = judged[i] with { IsRepeat = !judged[i].IsErased && !unseen.Remove(judged[i].Fact?.EventId ?? judged[i].Quarantined!.QuarantineId) };
        }

        foreach (var ((type, came), number) in verdicts.CountBy(verdict => (Type: PayloadReading.IsKnown(verdict.EventType) ? verdict.EventType : HubMetrics.OtherType, verdict.CameTo)))
        {
            telemetry.FactsTakenIn(type, came, number);
        }

        LogTakenIn(result.Accepted, result.Duplicates, setAside.Count + result.Contested.Count);
    }

    /// <summary>What is set aside and names somebody who was erased: not even its body is kept.</summary>
    private async Task<IReadOnlySet<Guid>> FindErasedAsync(HubDbContext db, IReadOnlyList<ReadOnlyMemory<byte>> bodies, ArraySegment<FactVerdict> verdicts, CancellationToken cancellationToken)
    {
        var named = new List<(Guid QuarantineId, PersonKey[] Keys)>();
        var erased = await tombstones.FindAsync(db, Keys(), cancellationToken);
        return named.Where(fact => Array.Exists(fact.Keys, erased.Contains)).Select(fact => fact.QuarantineId).ToHashSet();

        IEnumerable<PersonKey> Keys()
        {
            for (var i = 0; i < verdicts.Count; i++)
            {
                if (verdicts[i].Quarantined is { } quarantined)
                {
                    named.Add((quarantined.QuarantineId, [.. WithdrawalReading.KeysOf(bodies[verdicts.Offset + i])]));
                }
            }

            return named.SelectMany(fact => fact.Keys);
        }
    }

    [LoggerMessage(1301, LogLevel.Information, "Took in a batch of facts: {Accepted} new, {Duplicates} repeated, {Quarantined} quarantined")]
    private partial void LogTakenIn(int accepted, int duplicates, int quarantined);

    [LoggerMessage(1302, LogLevel.Warning, "Quarantined {Fact} {FactId} as {QuarantineId}: {Path} {Code}: {Problem}")]
    private partial void LogQuarantined(string fact, string? factId, Guid quarantineId, string path, string code, string problem);

    [LoggerMessage(1303, LogLevel.Warning, "The database does not take {Fact} {FactId}: {Exception}")]
    private partial void LogRefused(string fact, Guid factId, string exception);

    [LoggerMessage(3935, LogLevel.Information, "Read {Count} facts anew: configuration {Version} is not in force any more, and {Next} says what counts until this hub runs it")]
    private partial void LogReadAnew(int count, long version, long? next);
}
