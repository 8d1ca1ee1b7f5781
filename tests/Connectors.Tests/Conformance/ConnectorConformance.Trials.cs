using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    private static readonly Operation[] Identities = [Operation.ChangeKey, Operation.MergeProfiles, Operation.AddAlias, Operation.IdentifyProfile];

    /// <summary>An operation with all that it needs at the vendor, and how the vendor's own state shows that it was done to a record.</summary>
    private sealed record Trial(Batch Batch, Func<VendorState, BatchItem, bool> IsDone)
    {
        public IReadOnlyList<BatchItem> Items => Batch.Items;
    }

    /// <summary>Makes ready what an operation needs, and waits until the vendor shows it.</summary>
    private async Task<Trial> PrepareAsync(IConnector connected, Operation operation, int count = 4)
    {
        var audience = operation is Operation.AddMember or Operation.RemoveMember ? await EnsureAsync(connected) : null;
        var people = operation switch
        {
            Operation.UpsertProfile or Operation.AddMember or Operation.IdentifyProfile => People(count),
            Operation.RemoveMember => await KnownAsync(connected, People(count), audience),
            Operation.SetConsent => await KnownAsync(connected, [.. People(count).Select(WithEmail)]),
            _ => await KnownAsync(connected, People(count)),
        };
        BatchItem[] items = [.. people.Select(person => Samples.Asking(operation, person, words))];
        if (operation == Operation.MergeProfiles)
        {
            await KnownAsync(connected, [.. items.Select(item => People(1)[0] with { Key = item.Identity!.OtherKey! })]);
        }
        else if (operation == Operation.IdentifyProfile)
        {
            await KnowByAliasAsync(items);
        }

        return new Trial(BatchOf(operation, audience, items), DoneBy(operation, audience));
    }

    private Func<VendorState, BatchItem, bool> DoneBy(Operation operation, AudienceTarget? audience) => operation switch
    {
        Operation.UpsertProfile => (seen, item) => FieldOf(seen.Find(item.Key)) == item.Fields[0].Value.Text,
        Operation.AddMember => (seen, item) => seen.Find(item.Key) is { } person
            && person.Memberships.Contains(audience!.RemoteRef) && FieldOf(person) == item.Fields[0].Value.Text,
        Operation.RemoveMember => (seen, item) => seen.Find(item.Key) is { } person && !person.Memberships.Contains(audience!.RemoteRef),
        Operation.SetConsent => (seen, item) => seen.Find(item.Key)?.Consent.ContainsKey(words.Topic) == true,
        Operation.TrackEvent => (seen, item) => seen.HasEvent(item.Event!.Id, item.Key),
        Operation.ChangeKey => (seen, item) => seen.Find(item.Key) is null && seen.CountOf(item.Identity!.NewKey!) == 1,
        Operation.MergeProfiles => (seen, item) => seen.Find(item.Identity!.OtherKey!) is null && seen.CountOf(item.Key) == 1,
        Operation.AddAlias or Operation.IdentifyProfile => (seen, item) => seen.CountOf(item.Identity!.Alias!.Name) == 1
            && seen.Find(item.Identity.Alias.Name)!.Keys.Values.Contains(item.Key) && seen.CountOf(item.Key) == 1,
        Operation.DeleteProfile => (seen, item) => seen.Find(item.Key) is null,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Say how the vendor's own state shows that it was done."),
    };

    /// <summary>Makes people known to the vendor, as members when there is an audience, and returns them with the remote ids that were learned.</summary>
    private async Task<BatchItem[]> KnownAsync(IConnector connected, IReadOnlyList<BatchItem> people, AudienceTarget? audience = null)
    {
        var operation = audience is null ? Operation.UpsertProfile : Operation.AddMember;
        var known = new List<BatchItem>();
        foreach (var some in people.Chunk(Descriptor.Operations[operation].MaxRecords))
        {
            var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(operation, audience, some));
            Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome is Outcome.Delivered or Outcome.Unchanged));
            known.AddRange(Learned(some, outcomes));
        }

        await SeeAsync(seen => known.TrueForAll(person => seen.Find(person.Key) is { } found && (audience is null || found.Memberships.Contains(audience.RemoteRef))), "everybody is there");
        return [.. known];
    }

    /// <summary>A person with an address of the same spelling, where that is not the key itself.</summary>
    private BatchItem WithEmail(BatchItem person) => Descriptor.DefaultIdentityKey == words.EmailField
        ? person
        : person with { Fields = [.. person.Fields, new Field(words.EmailField, FieldValue.Of(person.Key))] };

    private async Task KnowByAliasAsync(IReadOnlyList<BatchItem> items)
    {
        using var vendor = new HttpClient { BaseAddress = new Uri($"{_settings.BaseUrl}/") };
        await KnowByAliasAsync(vendor, Room.Vendor.Credentials, [.. items.Select(item => item.Identity!.Alias!)]);
        await SeeAsync(seen => items.All(item => seen.Find(item.Identity!.Alias!.Name) is not null), "everybody is known by alias");
    }

    private Task SeeAsync(Func<VendorState, bool> holds, string what)
        => Poll.UntilAsync(() => Room.Vendor.IsSettled && holds(VendorState.Of(Room)), $"the vendor's own state shows that {what}");

    private Task SeeDoneAsync(Trial trial, IEnumerable<BatchItem>? items = null)
        => SeeAsync(seen => (items ?? trial.Items).All(item => trial.IsDone(seen, item)), $"{trial.Batch.Operation} was done");

    private async Task<VendorState> SettledStateAsync()
    {
        await Poll.UntilAsync(() => Room.Vendor.IsSettled, "the vendor is settled");
        return VendorState.Of(Room);
    }

    private void AssertNothingIsDoubled(VendorState seen, IEnumerable<BatchItem> items) => Assert.Multiple(() =>
    {
        Assert.That(Room.Vendor.Duplicates, Is.Zero, "Duplicates at the vendor.");
        foreach (var item in items)
        {
            Assert.That(seen.CountOf(item.Key), Is.AtMost(1), "Profiles with the key.");
            Assert.That(item.Event is { Id: var id } ? seen.CountOf(id) : 0, Is.AtMost(1), "Events with the hub's id.");
        }
    });
}
