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

    private async Task SetManyAsync(HubSpotSettlement settlement, CancellationToken cancellationToken)
    {
        var optedOut = new Dictionary<string, ConsentRow>();
        await CallAsync(settlement, HubSpotApiVersion.ReadOptOuts, settlement.Open(), optedOut, cancellationToken);
        var held = new Dictionary<string, ConsentRow>();
        await CallAsync(settlement, HubSpotApiVersion.ReadConsent, OpenWithTopics(settlement), held, cancellationToken);
        if (settlement.Condition is not null)
        {
            return;
        }

        var leaving = new List<int>();
        var changes = new List<SubscriptionChange>();
        var refused = new HashSet<int>();
        foreach (var index in settlement.Open())
        {
            var consent = settlement.Items[index].Consent!;
            var isOut = optedOut[Address(settlement, index)].IsOptedOut;
            if (consent.MarketingEmail == false)
            {
                // It covers every topic, those that do not exist yet as well.
                if (!isOut)
                {
                    leaving.Add(index);
                }

                continue;
            }

            if (consent.MarketingEmail == true && isOut)
            {
                refused.Add(index);
            }

            held.TryGetValue(Address(settlement, index), out var statuses);
            foreach (var topic in consent.Topics)
            {
                var status = statuses?.Of(topic.RemoteRef);
                if (topic.Granted && (isOut || status == ConsentStatus.Unsubscribed))
                {
                    refused.Add(index);
                }
                else if (!isOut && status != (topic.Granted ? ConsentStatus.Subscribed : ConsentStatus.Unsubscribed))
                {
                    changes.Add(ChangeOf(settlement, index, topic));
                }
            }
        }

        await CallAsync(settlement, HubSpotApiVersion.OptOutMany, leaving, [], cancellationToken);
        foreach (var index in settlement.Condition is null ? leaving.Where(settlement.IsOpen) : [])
        {
            settlement.Settle(index, Outcome.Delivered);
        }

        await WriteAsync(settlement, changes, cancellationToken);
        Finish(settlement, refused, changes.Select(static change => change.Index).ToHashSet());
    }

    /// <summary>Calls an endpoint that takes addresses; an item whose address the answer leaves out is settled.</summary>
    private async Task CallAsync(
        HubSpotSettlement settlement, VendorEndpoint endpoint, List<int> chosen, Dictionary<string, ConsentRow> rows, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var chunk in chosen.Chunk(HubSpotDescriptor.MaxInputs).TakeWhile(_ => settlement.Condition is null))
        {
            await new HubSpotHalves(settlement, journal).SendAsync(
                chunk,
                endpoint,
                (part, clearance) =>
                {
                    body.ResetWrittenCount();
                    HubSpotMapper.WriteAddresses(body, part.Select(index => Address(settlement, index)).Distinct());
                    return client.ConsentAsync(endpoint, body.WrittenMemory, clearance, cancellationToken);
                },
                (part, answer) =>
                {
                    foreach (var row in answer.Rows)
                    {
                        rows[Normal(row.Address)] = row;
                    }

                    var missing = part.Where(index => !rows.ContainsKey(Address(settlement, index))).ToList();
                    SettleMissing(settlement, endpoint, answer, missing, missing.Count);
                });
        }
    }

    private async Task WriteAsync(HubSpotSettlement settlement, List<SubscriptionChange> changes, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var items in ChunksOf(changes).TakeWhile(_ => settlement.Condition is null))
        {
            await new HubSpotHalves(settlement, journal).SendAsync(
                [.. items.Keys],
                HubSpotApiVersion.WriteConsent,
                (part, clearance) =>
                {
                    body.ResetWrittenCount();
                    HubSpotMapper.WriteStatuses(body, part.SelectMany(index => items[index]), options.LegalBasis);
                    return client.ConsentAsync(HubSpotApiVersion.WriteConsent, body.WrittenMemory, clearance, cancellationToken);
                },
                (part, answer) =>
                {
                    var told = answer.Rows.SelectMany(static row => row.Statuses.Select(status => (Normal(row.Address), status.SubscriptionId, status.Status))).ToHashSet();
                    var missing = part.SelectMany(index => items[index]).Where(change => !told.Contains(Wanted(change))).ToList();
                    SettleMissing(settlement, HubSpotApiVersion.WriteConsent, answer, missing.Select(static change => change.Index), missing.Count);
                });
        }
    }

    /// <summary>Errors name no input. As many refusals as inputs that the rows leave out are about just those; else nothing is known about them.</summary>
    private void SettleMissing(HubSpotSettlement settlement, VendorEndpoint endpoint, ConsentBatch answer, IEnumerable<int> missing, int inputs)
    {
        var judgements = answer.Errors.Select(error => journal.Judge(error, endpoint)).ToList();
        var refused = inputs > 0 && judgements.Count == inputs && judgements.TrueForAll(static judgement => judgement.Verdict == Verdict.Reject);
        foreach (var index in missing)
        {
            settlement.Apply(index, refused ? judgements[0] : Judgement.Retry("hubspot_not_mentioned"));
        }
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
                HubSpotMapper.WriteSubscription(body, ChangeOf(settlement, index, topic), options.LegalBasis);
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
        var answer = await client.OptOutAsync(Address(settlement, index), cancellationToken);
        if (answer.Failure is { } failure)
        {
            settlement.Apply(index, journal.Judge(failure, HubSpotApiVersion.OptOut, 1));
        }
        else
        {
            settlement.Settle(index, answer.Body!.Rows.Count > 0 ? Outcome.Delivered : Outcome.RetryLater, answer.Body.Rows.Count > 0 ? null : "hubspot_not_mentioned");
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

    /// <summary>The items with topics to look at; an opt-out of everything needs none.</summary>
    private static List<int> OpenWithTopics(HubSpotSettlement settlement)
        => [.. settlement.Open().Where(index => settlement.Items[index].Consent is { MarketingEmail: not false, Topics.Count: > 0 })];

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
