using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Intake.Quarantine;

/// <summary>
/// What people do with facts that were set aside. A fact is taken in through the same reading and the same ledger as one that arrives, in the
/// transaction that notes it; said twice, each of these is done once.
/// </summary>
internal sealed partial class QuarantineRelease(
    OutboxTransaction transactions, IQuarantine quarantine, ILedger ledger, FactRetention retention, FactIntake intake, FactTerms terms, TimeProvider time, ILogger<QuarantineRelease> logger)
{
    private static readonly TimeSpan _least = TimeSpan.FromMicroseconds(1); // what both databases tell apart

    /// <summary>Takes a fact in as it came: what was wrong with it may be right by now.</summary>
    /// <returns>The fact as it stands, or why nothing was done.</returns>
    public Task<(QuarantinedFact? Fact, QuarantineRefusal? Refusal)> ReplayAsync(Guid quarantineId, string by, CancellationToken cancellationToken) =>
        ReleaseAsync(quarantineId, null, by, cancellationToken);

    /// <summary>Takes a fact in as somebody corrected it.</summary>
    /// <param name="quarantineId">The fact.</param>
    /// <param name="correct">Makes the corrected message from the one that came; null when it cannot.</param>
    /// <param name="by">Who corrected it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The fact as it stands, or why nothing was done.</returns>
    public Task<(QuarantinedFact? Fact, QuarantineRefusal? Refusal)> FixAsync(
        Guid quarantineId, Func<ReadOnlyMemory<byte>, byte[]?> correct, string by, CancellationToken cancellationToken) =>
        ReleaseAsync(quarantineId, correct, by, cancellationToken);

    /// <summary>Leaves a fact out for good. A denial that it stated stays in force.</summary>
    /// <returns>The fact as it stands, or why nothing was done.</returns>
    public async Task<(QuarantinedFact? Fact, QuarantineRefusal? Refusal)> DiscardAsync(Guid quarantineId, string reason, string by, CancellationToken cancellationToken)
    {
        var settlement = new QuarantineSettlement(QuarantineSettlement.Discarded, time.GetUtcNow(), by, reason, default);
        if (await transactions.RunAsync((db, _) => quarantine.TrySettleAsync(db, quarantineId, settlement, cancellationToken), cancellationToken))
        {
            LogSettled(quarantineId, settlement.Outcome, by);
        }

        return await AnswerAsync(quarantineId, known => known.Outcome == QuarantineSettlement.Discarded, cancellationToken);
    }

    private async Task<(QuarantinedFact?, QuarantineRefusal?)> ReleaseAsync(
        Guid quarantineId, Func<ReadOnlyMemory<byte>, byte[]?>? correct, string by, CancellationToken cancellationToken)
    {
        var found = await transactions.ReadAsync(db => quarantine.FindAsync(db, quarantineId, cancellationToken));
        if (found is null)
        {
            return (null, Unknown(quarantineId));
        }

        var corrected = correct?.Invoke(found.Body);
        if (correct is not null && corrected is not { Length: > 0 })
        {
            return (null, new QuarantineRefusal(422, "fact-unreadable", "set", $"The message is not one whose single fields can be set ({found.Code}); give the whole fact: 'quarantine fix {quarantineId} --fact FILE'."));
        }

        var outcome = corrected is null ? QuarantineSettlement.Replayed : QuarantineSettlement.Fixed;
        if (found.Settlement is null)
        {
            var (now, inForce) = (time.GetUtcNow(), terms.Now);
            var verdict = FactReading.Read(corrected ?? found.Body, now, inForce.Authority, retention, inForce.Rules);
            if (verdict is not { Fact: { } fact })
            {
                return (null, StillWrong(quarantineId, verdict.Quarantined!, asItCame: corrected is null));
            }

            try
            {
                await TakeInAsync(quarantineId, corrected is null ? fact : AboveItsPrecaution(fact), new QuarantineSettlement(outcome, now, by, null, corrected), inForce, cancellationToken);
            }
            catch (ConfigurationBehindException behind) when (behind.Version == inForce.Version)
            {
                await terms.FollowAsync(behind.Version, cancellationToken);
                return await ReleaseAsync(quarantineId, correct, by, cancellationToken);
            }
            catch (ContestedFactException contested)
            {
                return (null, StillWrong(quarantineId, FactReading.Contested(found.Body, fact, contested.Candidates, now).Quarantined!, asItCame: corrected is null));
            }
            catch (Exception exception) when (DataError.IsCauseOf(exception))
            {
                return (null, new QuarantineRefusal(409, "fact-refused", "fact", $"The database does not take this fact; nothing was changed. It stays set aside: correct it, or 'quarantine discard {quarantineId} --reason TEXT'."));
            }
        }

        return await AnswerAsync(quarantineId, known => known.Outcome == outcome && known.Corrected.Span.SequenceEqual(corrected), cancellationToken);
    }

    private async Task TakeInAsync(Guid quarantineId, LedgerFact fact, QuarantineSettlement settlement, FactTerms.Terms inForce, CancellationToken cancellationToken)
    {
        var taken = await transactions.RunAsync<IntakeResult?>(
            async (db, _) =>
            {
                var appended = await quarantine.TrySettleAsync(db, quarantineId, settlement, cancellationToken) ? await AppendAsync(db) : null;
                return appended is { Contested.Count: > 0 } ? throw new ContestedFactException(appended.Contested[fact.EventId]) : appended;
            },
            cancellationToken);
        if (taken is { Accepted: var accepted })
        {
            LogReleased(quarantineId, settlement.Outcome, settlement.By, fact.EventType, fact.EventId, accepted);
            await intake.RingAsync(cancellationToken);
        }

        async Task<IntakeResult> AppendAsync(HubDbContext db)
        {
            var compared = inForce.IsShadow(fact) ? await ledger.ShadowAsync(db, [fact], null, cancellationToken, inForce.Version) : null;
            return await ledger.AppendAsync(db, compared is null ? [fact] : compared.Erased.Count > 0 ? [] : [.. ShadowedFact.CountingOf(fact)], cancellationToken, inForce.Version);
        }
    }

    /// <summary>
    /// A change of consent that was set aside may have been taken for a denial at its time until somebody looked. Now somebody has, and says what was meant.
    /// </summary>
    private static LedgerFact AboveItsPrecaution(LedgerFact fact) =>
        fact with { Consents = [.. fact.Consents.Select(consent => consent with { DecidedAt = consent.DecidedAt + _least })] };

    /// <summary>What stands now: what was asked for, by whomever, or something else that somebody did before.</summary>
    private async Task<(QuarantinedFact?, QuarantineRefusal?)> AnswerAsync(Guid quarantineId, Func<QuarantineSettlement, bool> isMeant, CancellationToken cancellationToken)
    {
        var found = await transactions.ReadAsync(db => quarantine.FindAsync(db, quarantineId, cancellationToken));
        return found switch
        {
            null => (null, Unknown(quarantineId)),
            { Settlement: { } settlement } when isMeant(settlement) => (found, null),
            { Settlement: { } other } => (null, new QuarantineRefusal(
                409, "quarantine-settled", "quarantine_id", FormattableString.Invariant($"Fact {quarantineId} was {other.Outcome} before ({other.At:u}, {other.By}); 'quarantine show {quarantineId}' tells. State a new fact if something else is meant."))),
            _ => (null, new QuarantineRefusal(409, "quarantine-busy", "quarantine_id", $"Somebody else was doing something with fact {quarantineId}; try again.")),
        };
    }

    private static QuarantineRefusal Unknown(Guid quarantineId) => new(404, "quarantine-unknown", "quarantine_id", $"No fact {quarantineId} is set aside. GET /v1/quarantine lists them.");

    private static QuarantineRefusal StillWrong(Guid quarantineId, QuarantinedFact defect, bool asItCame) => new(
        asItCame ? 409 : 422,
        "fact-wrong",
        defect.Path.Length == 0 ? "fact" : defect.Path,
        $"{(defect.Path.Length == 0 ? "" : defect.Path + " ")}{defect.Problem}{(defect.Problem.EndsWith('.') ? "" : ".")} Nothing was changed. {QuarantineAdvice.For(defect with { QuarantineId = quarantineId })}");

    [LoggerMessage(1304, LogLevel.Information, "Quarantine {QuarantineId}: {Outcome} by {By}, {Fact} {FactId} taken in ({Accepted} new)")]
    private partial void LogReleased(Guid quarantineId, string outcome, string by, string fact, Guid factId, int accepted);

    [LoggerMessage(1305, LogLevel.Information, "Quarantine {QuarantineId}: {Outcome} by {By}")]
    private partial void LogSettled(Guid quarantineId, string outcome, string by);
}
