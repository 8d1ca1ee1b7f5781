using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    [Test]
    public Task Should_read_members_back_in_one_of_the_two_ways() => HoldAsync(() =>
    {
        var connected = Connect();
        Assert.That(connected, Is.InstanceOf<IMemberListing>().Or.InstanceOf<IMemberLookup>());
        if (connected is IMemberLookup lookup)
        {
            Assert.That(lookup.MaxPeoplePerLookup, Is.Positive);
        }

        return Task.CompletedTask;
    });

    [Test]
    public Task Should_look_nobody_up_without_a_call() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        _transport.Clear();
        if (connected is IMemberLookup lookup)
        {
            Assert.That(await lookup.LookUpMembersAsync(target, [], CancellationToken.None), Is.Empty);
        }

        Assert.That(_transport.Calls, Is.Zero);
    });

    /// <summary>Every way in which the connector can tell who of the given people is a member; each yields their keys.</summary>
    private static IEnumerable<Func<Task<HashSet<string>>>> WaysToReadMembers(
        IConnector connector, AudienceTarget target, IReadOnlyList<BatchItem> among, Dictionary<long, RecordOutcome> outcomes)
    {
        if (connector is IMemberListing listing)
        {
            yield return async () =>
            {
                var members = new List<RemoteMember>();
                await foreach (var page in listing.ListMembersAsync(target, CancellationToken.None))
                {
                    members.AddRange(page);
                }

                return KeysOf(members);
            };
        }

        if (connector is IMemberLookup lookup)
        {
            yield return () => LookUpAsync(item => new RemoteMember(RemoteIdOf(item), item.Key));
            yield return () => LookUpAsync(item => new RemoteMember(null, item.Key));

            async Task<HashSet<string>> LookUpAsync(Func<BatchItem, RemoteMember> asked)
            {
                var members = new List<RemoteMember>();
                foreach (var people in among.Select(asked).Chunk(lookup.MaxPeoplePerLookup))
                {
                    members.AddRange(await lookup.LookUpMembersAsync(target, people, CancellationToken.None));
                }

                return KeysOf(members);
            }
        }

        string? RemoteIdOf(BatchItem item) => outcomes.GetValueOrDefault(item.RecordId).RemoteId;

        HashSet<string> KeysOf(List<RemoteMember> members)
        {
            Assert.That(members, Has.All.Matches<RemoteMember>(member => member.RemoteId is not null || member.Key is not null));
            return [.. among.Where(item => members.Exists(member => member.Key is null ? member.RemoteId == RemoteIdOf(item) : member.Key == item.Key)).Select(item => item.Key)];
        }
    }

    private static async Task<List<HashSet<string>>> ReadMembersAsync(
        IConnector connector, AudienceTarget target, IReadOnlyList<BatchItem> among, Dictionary<long, RecordOutcome> outcomes)
    {
        var found = new List<HashSet<string>>();
        foreach (var read in WaysToReadMembers(connector, target, among, outcomes))
        {
            found.Add(await read());
        }

        return found;
    }
}
