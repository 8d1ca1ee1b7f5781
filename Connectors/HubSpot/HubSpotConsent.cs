using System.Buffers;
using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Consent, which HubSpot keeps by e-mail address and not by contact: it may come before the contact and outlives it. An opt-out stands:
/// version 4 would let a caller subscribe somebody who opted out, so what HubSpot holds is read before anything is granted.
/// </summary>
internal sealed class HubSpotConsent(HubSpotClient client, HubSpotOptions options, HubSpotJournal journal)
{
    private const string DefaultExplanation = "Recorded by the data hub";

    /// <summary>Writes the consent of all items.</summary>
    public Task SetAsync(HubSpotSettlement settlement, CancellationToken cancellationToken)
    {
        foreach (var index in settlement.Open())
        {
            if (FaultOf(settlement.Items[index]) is { } fault)
            {
                settlement.Settle(index, Outcome.Rejected, fault);
            }
        }

        return options.ConsentOneByOne ? SetEachAsync(settlement, cancellationToken) : SetManyAsync(settlement, cancellationToken);
    }

    /// <summary>Who leaves comes first and waits for nobody: only what is granted needs to be known before.</summary>
    private async Task SetManyAsync(HubSpotSettlement settlement, CancellationToken cancellationToken)
    {
        await OptOutManyAsync(settlement, [.. settlement.Open().Where(index => settlement.Items[index].Consent!.MarketingEmail == false)], cancellationToken);

        var changed = new HashSet<int>();
        await WriteAsync(settlement, [.. ChangesOf(settlement, settlement.Open(), granted: false)], changed, cancellationToken);
        var refused = await GrantAsync(settlement, changed, cancellationToken);
        Finish(settlement, refused, changed);
    }

    /// <summary>
    /// Opts addresses out of everything, which covers every topic, those that do not exist yet as well. HubSpot tells a row per address when
    /// it is asked to be verbose; who has none is asked about.
    /// </summary>
    private async Task OptOutManyAsync(HubSpotSettlement settlement, List<int> leaving, CancellationToken cancellationToken)
    {
        var told = await CallAsync(settlement, HubSpotApiVersion.OptOutMany, leaving, cancellationToken);
        foreach (var index in leaving.Where(index => told.TryGetValue(Address(settlement, index), out var row) && row.HasLeft))
        {
            settlement.Settle(index, told[Address(settlement, index)].IsUnchanged ? Outcome.Unchanged : Outcome.Delivered);
        }

        var untold = leaving.FindAll(settlement.IsOpen);
        var held = await CallAsync(settlement, HubSpotApiVersion.ReadOptOuts, untold, cancellationToken);
        foreach (var index in untold)
        {
            if (held.TryGetValue(Address(settlement, index), out var row) && row.IsOptedOut)
            {
                settlement.Settle(index, Outcome.Delivered);
            }
            else if (settlement.Condition is null)
            {
                settlement.Settle(index, Outcome.RetryLater, HubSpotReason.NotMentioned);
            }
        }
    }

    /// <summary>Writes the topics that are granted, except over an opt-out, and where HubSpot did not say what it holds.</summary>
    /// <returns>The items of which something was not written because of an opt-out.</returns>
    private async Task<HashSet<int>> GrantAsync(HubSpotSettlement settlement, HashSet<int> changed, CancellationToken cancellationToken)
    {
        var asking = settlement.Open().FindAll(index => settlement.Items[index].Consent is var consent && (consent!.MarketingEmail == true || consent.Topics.Any(static topic => topic.Granted)));
        var optedOut = await CallAsync(settlement, HubSpotApiVersion.ReadOptOuts, asking, cancellationToken);
        var granting = asking.FindAll(index => settlement.IsOpen(index) && settlement.Items[index].Consent!.Topics.Any(static topic => topic.Granted));
        var held = await CallAsync(settlement, HubSpotApiVersion.ReadConsent, granting, cancellationToken);
        var refused = new HashSet<int>();
        var changes = new List<SubscriptionChange>();
        foreach (var index in settlement.Condition is null ? asking.FindAll(settlement.IsOpen) : [])
        {
            ConsentRow? statuses = null;
            if (!optedOut.TryGetValue(Address(settlement, index), out var wide) || (granting.Contains(index) && !held.TryGetValue(Address(settlement, index), out statuses)))
            {
                settlement.Settle(index, Outcome.RetryLater, HubSpotReason.NotMentioned);
                continue;
            }

            foreach (var change in ChangesOf(settlement, [index], granted: true))
            {
                var status = statuses!.Of(change.SubscriptionId.ToString(CultureInfo.InvariantCulture));
                if (status == ConsentStatus.Unsubscribed)
                {
                    refused.Add(index);
                }
                else if (status != ConsentStatus.Subscribed && !wide.IsOptedOut)
                {
                    changes.Add(change);
                }
            }

            if (wide.IsOptedOut)
            {
                refused.Add(index);
            }
        }

        await WriteAsync(settlement, changes, changed, cancellationToken);
        return refused;
    }

    /// <summary>Calls an endpoint that takes addresses.</summary>
    /// <returns>The rows of the answer by address. An item whose address has none is settled when HubSpot refused it, else it is still open.</returns>
    private async Task<Dictionary<string, ConsentRow>> CallAsync(HubSpotSettlement settlement, VendorEndpoint endpoint, List<int> chosen, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, ConsentRow>();
        var body = new ArrayBufferWriter<byte>();
        foreach (var chunk in chosen.Chunk(HubSpotDescriptor.MaxInputs).TakeWhile(_ => settlement.Condition is null))
        {
            await new HubSpotSender(settlement, journal).SendAsync(
                chunk,
                endpoint,
                (part, clearance) =>
                {
                    body.ResetWrittenCount();
                    HubSpotConsentBodies.WriteAddresses(body, part.Select(index => Address(settlement, index)).Distinct());
                    return client.ConsentAsync(endpoint, body.WrittenMemory, clearance, cancellationToken);
                },
                (part, answer) =>
                {
                    foreach (var row in answer.Rows)
                    {
                        rows[Normal(row.Address)] = row;
                    }

                    var missing = part.Where(index => !rows.ContainsKey(Address(settlement, index))).ToList();
                    if (Refusal(endpoint, answer, missing.Count) is { } refusal)
                    {
                        missing.ForEach(index => settlement.Apply(index, refusal));
                    }
                });
        }

        return rows;
    }

    private async Task WriteAsync(HubSpotSettlement settlement, List<SubscriptionChange> changes, HashSet<int> changed, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var items in ChunksOf(changes).TakeWhile(_ => settlement.Condition is null))
        {
            await new HubSpotSender(settlement, journal).SendAsync(
                [.. items.Keys],
                HubSpotApiVersion.WriteConsent,
                (part, clearance) =>
                {
                    body.ResetWrittenCount();
                    HubSpotConsentBodies.WriteStatuses(body, part.SelectMany(index => items[index]), options.LegalBasis);
                    return client.ConsentAsync(HubSpotApiVersion.WriteConsent, body.WrittenMemory, clearance, cancellationToken);
                },
                (part, answer) =>
                {
                    var told = answer.Rows.SelectMany(static row => row.Statuses.Select(status => (Name: (Normal(row.Address), status.SubscriptionId, status.Status), status.IsUnchanged)))
                        .GroupBy(static status => status.Name).ToDictionary(static group => group.Key, static group => group.All(static status => status.IsUnchanged));
                    var asked = part.SelectMany(index => items[index]).ToList();
                    changed.UnionWith(asked.Where(change => told.TryGetValue(Wanted(change), out var isUnchanged) && !isUnchanged).Select(static change => change.Index));
                    var missing = asked.FindAll(change => !told.ContainsKey(Wanted(change)));
                    var judgement = Refusal(HubSpotApiVersion.WriteConsent, answer, missing.Count) ?? Judgement.Retry(HubSpotReason.NotMentioned);
                    missing.ForEach(change => settlement.Apply(change.Index, judgement));
                });
        }
    }

    /// <summary>Errors name no input. As many refusals as inputs that the rows leave out are about just those; else nothing is known about them.</summary>
    private Judgement? Refusal(VendorEndpoint endpoint, ConsentBatch answer, int missing)
    {
        var judgements = answer.Errors.Select(error => journal.Judge(error, endpoint)).ToList();
        return missing > 0 && judgements.Count == missing && judgements.TrueForAll(static judgement => judgement.Verdict == Verdict.Reject) ? judgements[0] : null;
    }

    /// <summary>For accounts without the batch endpoints: one address and one topic per call. Repeats and opt-outs are told as errors.</summary>
    private async Task SetEachAsync(HubSpotSettlement settlement, CancellationToken cancellationToken)
    {
        var refused = new HashSet<int>();
        var changed = new HashSet<int>();
        foreach (var index in settlement.Open().TakeWhile(_ => settlement.Condition is null))
        {
            var consent = settlement.Items[index].Consent!;
            if (consent.MarketingEmail == false)
            {
                await OptOutAsync(settlement, index, cancellationToken);
                continue;
            }

            foreach (var topic in consent.Topics.TakeWhile(_ => settlement.IsOpen(index)))
            {
                var body = new ArrayBufferWriter<byte>();
                HubSpotConsentBodies.WriteSubscription(body, ChangeOf(settlement, index, topic), options.LegalBasis);
                var clearance = settlement.ClearanceFor([index]);
                var answer = await client.ChangeSubscriptionAsync(topic.Granted, body.WrittenMemory, clearance, cancellationToken);
                if (clearance.Withheld.Count > 0)
                {
                    settlement.Withhold([index], clearance);
                    break;
                }

                var judgement = answer.Failure is { } failure
                    ? journal.Judge(failure, topic.Granted ? HubSpotApiVersion.Subscribe : HubSpotApiVersion.Unsubscribe, 1)
                    : default(Judgement?);
                switch (judgement)
                {
                    case null:
                        changed.Add(index);
                        break;
                    case { Code: ReasonCode.OptOutStands }:
                        refused.Add(index);
                        break;
                    case { Verdict: not Verdict.Unchanged }:
                        settlement.Apply(index, judgement.Value);
                        break;
                }
            }
        }

        Finish(settlement, refused, changed);
    }

    private async Task OptOutAsync(HubSpotSettlement settlement, int index, CancellationToken cancellationToken)
    {
        var clearance = settlement.ClearanceFor([index]);
        var answer = await client.OptOutAsync(Address(settlement, index), clearance, cancellationToken);
        if (settlement.Withhold([index], clearance).Length == 0)
        {
            return;
        }

        if (answer.Failure is { } failure)
        {
            settlement.Apply(index, journal.Judge(failure, HubSpotApiVersion.OptOut, 1));
        }
        else if (answer.Body!.Rows is { Count: > 0 } rows && rows.TrueForAll(static row => row.HasLeft))
        {
            settlement.Settle(index, rows.TrueForAll(static row => row.IsUnchanged) ? Outcome.Unchanged : Outcome.Delivered);
        }
        else
        {
            await ProveOptOutAsync(settlement, index, cancellationToken);
        }
    }

    private async Task ProveOptOutAsync(HubSpotSettlement settlement, int index, CancellationToken cancellationToken)
    {
        var answer = await client.ReadOptOutAsync(Address(settlement, index), cancellationToken);
        if (answer.Failure is { } failure)
        {
            settlement.Apply(index, journal.Judge(failure, HubSpotApiVersion.ReadOptOut, 1));
        }
        else if (answer.Body!.Rows.Exists(static row => row.IsOptedOut))
        {
            settlement.Settle(index, Outcome.Delivered);
        }
        else
        {
            settlement.Settle(index, Outcome.RetryLater, HubSpotReason.NotMentioned);
        }
    }

    private static void Finish(HubSpotSettlement settlement, HashSet<int> refused, HashSet<int> changed)
    {
        foreach (var index in settlement.Condition is null ? settlement.Open() : [])
        {
            if (refused.Contains(index))
            {
                settlement.Settle(index, Outcome.Rejected, ReasonCode.OptOutStands);
            }
            else
            {
                settlement.Settle(index, changed.Contains(index) ? Outcome.Delivered : Outcome.Unchanged);
            }
        }
    }

    private string? FaultOf(BatchItem item) => item.Consent switch
    {
        null => "hubspot_consent_missing",
        { Email: null or "" } when !options.IdentityIsEmail => ReasonCode.IdentityMissing,
        { Topics: var topics } when topics.Any(static topic => topic.Channel != ConsentChannel.Email) => "hubspot_topic_is_not_email",
        { Topics: var topics } when topics.Any(static topic => !IsSubscription(topic.RemoteRef, out _)) => "hubspot_topic_is_no_subscription_id",
        _ => null,
    };

    /// <summary>The topics that the items grant, or deny.</summary>
    private static IEnumerable<SubscriptionChange> ChangesOf(HubSpotSettlement settlement, IEnumerable<int> chosen, bool granted)
        => chosen.SelectMany(index => settlement.Items[index].Consent!.Topics.Where(topic => topic.Granted == granted).Select(topic => ChangeOf(settlement, index, topic)));

    /// <summary>The changes by item, at most a hundred of them together, those of one item in one call where they fit.</summary>
    private static IEnumerable<Dictionary<int, List<SubscriptionChange>>> ChunksOf(List<SubscriptionChange> changes)
    {
        var chunk = new Dictionary<int, List<SubscriptionChange>>();
        var size = 0;
        foreach (var item in changes.GroupBy(static change => change.Index))
        {
            foreach (var part in item.Chunk(HubSpotDescriptor.MaxInputs))
            {
                if (size + part.Length > HubSpotDescriptor.MaxInputs)
                {
                    yield return chunk;
                    chunk = [];
                    size = 0;
                }

                chunk[item.Key] = [.. part];
                size += part.Length;
            }
        }

        if (size > 0)
        {
            yield return chunk;
        }
    }

    private static SubscriptionChange ChangeOf(HubSpotSettlement settlement, int index, TopicConsent topic)
    {
        IsSubscription(topic.RemoteRef, out var subscriptionId);
        return new SubscriptionChange(index, Address(settlement, index), subscriptionId, topic.Granted, settlement.Items[index].Consent!.Source ?? DefaultExplanation);
    }

    private static (string, string?, string?) Wanted(SubscriptionChange change) => (
        change.Address,
        change.SubscriptionId.ToString(CultureInfo.InvariantCulture),
        change.Subscribe ? ConsentStatus.Subscribed : ConsentStatus.Unsubscribed);

    private static bool IsSubscription(string remoteRef, out long subscriptionId)
        => long.TryParse(remoteRef, NumberStyles.None, CultureInfo.InvariantCulture, out subscriptionId);

    private static string Address(HubSpotSettlement settlement, int index)
        => Normal(settlement.Items[index].Consent!.Email is { Length: > 0 } email ? email : settlement.Items[index].Key);

    private static string Normal(string address) => HubSpotMapper.KeyOnWire("email", address);
}
