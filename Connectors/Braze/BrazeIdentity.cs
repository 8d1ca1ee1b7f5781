using System.Buffers;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// Changes who people are. Braze answers success where it silently does nothing, and does what it does some time later. So each
/// operation looks first: what is so already is left alone, what would do nothing is told, and a repeat is safe.
/// </summary>
internal sealed class BrazeIdentity(BrazeClient client, BrazeProfiles profiles, BrazeTracking tracking, BrazeSender sender, BrazeOptions options)
{
    private const string NeedsExternalId = "braze_needs_external_id";

    /// <summary>The other profile ends; what the staying one lacks is copied to it.</summary>
    public async Task MergeAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        Require(settlement, change => !string.IsNullOrEmpty(change.OtherKey));
        var found = await FindAsync(settlement, item => [settlement[item].Key, OtherKey(settlement, item)], cancellationToken);
        foreach (var item in settlement.Open)
        {
            var (stays, ends) = (found[settlement[item].Key].Count(), found[OtherKey(settlement, item)].Count());
            if (Math.Max(stays, ends) > 1)
            {
                settlement.Settle(item, Outcome.Rejected, ReasonCode.DuplicatesAtVendor);
            }
            else if (stays == 0)
            {
                settlement.Settle(item, Outcome.RetryLater, ReasonCode.NotFound);
            }
            else if (ends == 0 || OtherKey(settlement, item) == settlement[item].Key)
            {
                settlement.Settle(item, Outcome.Unchanged);
            }
        }

        await PostAsync(
            settlement, BrazeApiVersion.Merge,
            some => BrazeBodies.Merge(some.Select(item => (OtherKey(settlement, item), settlement[item].Key)), options.IdentityIsEmail), cancellationToken);
    }

    public async Task AddAliasAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        Require(settlement, change => change.Alias is not null);
        var found = await FindAsync(settlement, item => [settlement[item].Key], cancellationToken);
        foreach (var item in settlement.Open)
        {
            var people = found[settlement[item].Key].ToArray();
            var alias = AliasOf(settlement, item);
            var (outcome, code) = people switch
            {
                [] => (Outcome.RetryLater, ReasonCode.NotFound),
                [_, _, ..] => (Outcome.Rejected, ReasonCode.DuplicatesAtVendor),
                [{ ExternalId: null }] => (Outcome.Rejected, NeedsExternalId),
                [var person] when person.Aliases.Contains(alias) => (Outcome.Unchanged, null),
                [var person] when person.Aliases.Any(other => other.Label == alias.Label) => (Outcome.Rejected, "braze_alias_label_taken"),
                _ => (Outcome.Delivered, default(string)),
            };
            if (outcome != Outcome.Delivered)
            {
                settlement.Settle(item, outcome, code);
            }
        }

        await PostAsync(
            settlement, BrazeApiVersion.NewAlias,
            some => BrazeBodies.NewAliases(some.Select(item => (found[settlement[item].Key].Single().ExternalId!, AliasOf(settlement, item)))), cancellationToken);
    }

    /// <summary>The alias's profile gets the external id, or is folded into the one that has it.</summary>
    public async Task IdentifyAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        Require(settlement, change => change.Alias is not null);
        if (options.IdentityIsEmail)
        {
            settlement.Settle(settlement.Open, new BrazeVerdict(Outcome.Rejected, null, NeedsExternalId));
        }

        if (settlement.Open is not { Length: > 0 } open)
        {
            return;
        }

        var answer = await profiles.FindAsync(
            [.. open.Select(item => settlement[item].Key)], [.. open.Select(item => AliasOf(settlement, item)).Distinct()], cancellationToken);
        foreach (var item in open)
        {
            var alias = AliasOf(settlement, item);
            var known = answer.Users.FirstOrDefault(user => user.Aliases.Contains(alias));
            if (known is null)
            {
                settlement.Settle(item, Outcome.RetryLater, ReasonCode.NotFound);
            }
            else if (known.ExternalId is { } owner)
            {
                settlement.Settle(item, owner == settlement[item].Key ? Outcome.Unchanged : Outcome.Rejected, owner == settlement[item].Key ? null : "braze_alias_identified");
            }
            else if (answer.Users.Any(user => user.ExternalId == settlement[item].Key && user.Aliases.Any(other => other.Label == alias.Label)))
            {
                settlement.Settle(item, Outcome.Rejected, "braze_alias_label_taken");
            }
        }

        await PostAsync(
            settlement, BrazeApiVersion.Identify,
            some => BrazeBodies.Identify(some.Select(item => (settlement[item].Key, AliasOf(settlement, item)))), cancellationToken);
    }

    public async Task ChangeKeyAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        Require(settlement, change => !string.IsNullOrEmpty(change.NewKey));
        foreach (var item in settlement.Open.Where(item => NewKey(settlement, item) == settlement[item].Key))
        {
            settlement.Settle(item, Outcome.Unchanged);
        }

        await (options.IdentityIsEmail ? ChangeEmailAsync(settlement, cancellationToken) : RenameAsync(settlement, cancellationToken));
    }

    /// <summary>
    /// Renames, then lets the former ids go: whoever deletes by a former id deletes the living profile. A rename is done when it is
    /// answered, so only entries that fail are looked up; a repeated rename fails and is found to be done.
    /// </summary>
    private async Task RenameAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        var renamed = new List<int>();
        var failed = new Dictionary<int, string>();
        await sender.SendAsync(
            settlement, settlement.Open,
            (some, clearance) => client.ChangeIdsAsync(
                BrazeApiVersion.Rename, BrazeBodies.Rename(some.Select(item => (settlement[item].Key, NewKey(settlement, item)))), clearance, cancellationToken),
            (some, answer) =>
            {
                foreach (var (item, index) in some.Select((item, index) => (item, index)))
                {
                    if (answer.Body!.Errors.TryGetValue(index, out var text))
                    {
                        failed[item] = text;
                    }
                    else if (answer.Body.Done.Contains(NewKey(settlement, item)))
                    {
                        renamed.Add(item);
                    }
                    else
                    {
                        settlement.Settle(item, BrazeOutcomes.NotMentioned);
                    }
                }
            });
        if (failed.Count > 0)
        {
            renamed.AddRange(await RenamedBeforeAsync(settlement, failed, cancellationToken));
        }

        await ForgetFormerIdsAsync(settlement, [.. renamed.Intersect(settlement.Open)], cancellationToken);
    }

    /// <returns>Those whose rename had been done already and whose former id still leads to them.</returns>
    private async Task<List<int>> RenamedBeforeAsync(BatchSettlement settlement, Dictionary<int, string> failed, CancellationToken cancellationToken)
    {
        var answer = await profiles.FindAsync(
            [.. failed.Keys.SelectMany(item => new[] { settlement[item].Key, NewKey(settlement, item) }).Distinct()], [], cancellationToken);
        var ids = answer.Users.Select(user => user.ExternalId).ToHashSet();
        var former = new List<int>();
        foreach (var (item, text) in failed)
        {
            switch (ids.Contains(settlement[item].Key), ids.Contains(NewKey(settlement, item)))
            {
                case (false, true) when answer.UnknownIds.Contains(settlement[item].Key):
                    settlement.Settle(item, Outcome.Unchanged);
                    break;
                case (false, true):
                    former.Add(item);
                    break;
                case (false, false):
                    settlement.Settle(item, Outcome.RetryLater, ReasonCode.NotFound);
                    break;
                default:
                    settlement.Settle(item, BrazeOutcomes.OfRename(text));
                    break;
            }
        }

        return former;
    }

    private Task ForgetFormerIdsAsync(BatchSettlement settlement, IReadOnlyList<int> items, CancellationToken cancellationToken) => sender.SendAsync(
        settlement, items,
        (some, clearance) => client.ChangeIdsAsync(BrazeApiVersion.RemoveIds, BrazeBodies.RemoveIds(some.Select(item => settlement[item].Key)), clearance, cancellationToken),
        (some, answer) =>
        {
            foreach (var (item, index) in some.Select((item, index) => (item, index)))
            {
                settlement.Settle(
                    item,
                    answer.Body!.Errors.ContainsKey(index) ? new BrazeVerdict(Outcome.RetryLater, null, "braze_removal_failed")
                    : answer.Body.Done.Contains(settlement[item].Key) ? new BrazeVerdict(Outcome.Delivered, null, null)
                    : BrazeOutcomes.NotMentioned);
            }
        });

    /// <summary>Another address for the same profile. Braze would take the change for a reason to lift an opt-out, so the state goes with it.</summary>
    private async Task ChangeEmailAsync(BatchSettlement settlement, CancellationToken cancellationToken)
    {
        var found = await FindAsync(settlement, item => [settlement[item].Key, NewKey(settlement, item)], cancellationToken);
        foreach (var item in settlement.Open)
        {
            var (before, after) = (found[settlement[item].Key].Count(), found[NewKey(settlement, item)].Count());
            if (before > 1 || (before == 1 && after > 0))
            {
                settlement.Settle(item, Outcome.Rejected, ReasonCode.DuplicatesAtVendor);
            }
            else if (before == 0)
            {
                settlement.Settle(item, after > 0 ? Outcome.Unchanged : Outcome.RetryLater, after > 0 ? null : ReasonCode.NotFound);
            }
        }

        if (settlement.Open is { Length: > 0 } open)
        {
            settlement.Settle(await tracking.SendAsync(settlement, Write(open), Write, cancellationToken), Outcome.Delivered);
        }

        TrackRequest Write(IReadOnlyList<int> items)
        {
            var request = new TrackRequestBuilder(BrazeDescriptor.MaxBytes);
            var one = new ArrayBufferWriter<byte>(256);
            using var json = new Utf8JsonWriter(one, BrazeMapper.Writing);
            foreach (var item in items)
            {
                one.ResetWrittenCount();
                json.Reset();
                var person = found[settlement[item].Key].Single();
                BrazeBodies.EmailChange(json, person.BrazeId!, NewKey(settlement, item), person.EmailSubscribe);
                json.Flush();
                request.TryAdd(TrackRequestBuilder.Attributes, one.WrittenSpan, item);
            }

            return request.Close();
        }
    }

    private async Task PostAsync(
        BatchSettlement settlement, VendorEndpoint endpoint, Func<IReadOnlyList<int>, byte[]> write, CancellationToken cancellationToken)
        => settlement.Settle(await sender.PostAsync(settlement, endpoint, settlement.Open, write, cancellationToken), Outcome.Delivered);

    /// <summary>Who has the keys now; a former external id leads to nobody.</summary>
    private async Task<ILookup<string, ExportedUser>> FindAsync(BatchSettlement settlement, Func<int, string[]> keys, CancellationToken cancellationToken)
    {
        var users = await profiles.FindAsync([.. settlement.Open.SelectMany(keys).Distinct()], cancellationToken);
        return users.DistinctBy(user => user.BrazeId).ToLookup(user => (options.IdentityIsEmail ? user.Email : user.ExternalId) ?? "", StringComparer.Ordinal);
    }

    private static void Require(BatchSettlement settlement, Func<IdentityChange, bool> isComplete)
    {
        foreach (var item in settlement.Open.Where(item => settlement[item].Identity is not { } change || !isComplete(change)))
        {
            settlement.Settle(item, Outcome.Rejected, ReasonCode.IdentityMissing);
        }
    }

    private static string OtherKey(BatchSettlement settlement, int item) => settlement[item].Identity!.OtherKey!;

    private static string NewKey(BatchSettlement settlement, int item) => settlement[item].Identity!.NewKey!;

    private static ProfileAlias AliasOf(BatchSettlement settlement, int item) => settlement[item].Identity!.Alias!;
}
