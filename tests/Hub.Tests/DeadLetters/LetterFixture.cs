using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>A run whose people the vendor refuses, and hubs that work on the letters.</summary>
public abstract class LetterFixture(StorageDatabase database) : DrainFixture(database)
{
    private protected const string Refused = "acme_property_unknown";

    private protected LetterOptions Letters { get; private set; } = null!;

    [SetUp]
    public Task Use_one_partition()
    {
        (Options.Partitions, Letters) = (1, new LetterOptions { AskVendor = false });
        Asked.Clear();
        return WriteAsync(db => Ledger.RouteAudiencesAsync(db, [new IntegrationHub.Storage.Ledger.AudienceRoute(Audience, Name)], CancellationToken.None));
    }

    private protected DestinationDirectory Directory => new(new Dictionary<string, Destination> { [Name] = Destination });

    /// <summary>What works on letters in a hub; each call is another hub.</summary>
    private protected LetterWorker Worker() =>
        new(HubInstance.Create(), Transactions, Deliveries, Doorbell, Inquiry(), Microsoft.Extensions.Options.Options.Create(Letters), Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<LetterWorker>.Instance);

    /// <summary>What asks vendors in a hub; each call is another hub.</summary>
    private protected LetterInquiry Inquiry() => new(Directory, Transactions, Microsoft.Extensions.Options.Options.Create(Letters), Clock, NullLogger<LetterInquiry>.Instance);

    private protected LetterDesk Desk() => new(Directory, Transactions, Worker(), Approvals, Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<LetterDesk>.Instance);

    /// <summary>As <c>approvals.yaml</c> has it, which is empty unless a test says something.</summary>
    private protected Dictionary<string, ApprovalConfiguration> Asked { get; } = [];

    private protected LetterApproval Approvals => new(new ApprovalRules(Acme.Hub() with { Approvals = Asked }, new ApiKey(null)), Clock);

    private protected LetterFix Fix() => new(Directory, Transactions, Runs, Desk(), Clock);

    private protected LetterOverview Overview() => new(Directory, Transactions, Health(), Clock);

    /// <summary>The vendor refuses everybody; every person is a letter then.</summary>
    private protected async Task DieAsync(string code = Refused)
    {
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Rejected, code));
        await DrainAsync();
        Vendor.Delivered.Clear();
        Heal();
    }

    private protected void Heal() => Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Delivered));

    private protected LetterFilter Group(string? code = Refused) => new(Name, "add_member", code);

    private protected static LetterRequest Ask(string kind, LetterFilter filter, long expected, string? reason = "a reason", string? key = null, bool allowRepeat = false) =>
        new(kind, filter, expected, "person:anna", reason, key, allowRepeat);

    private protected async Task<LetterAction> ConfirmAsync(string kind, long expected, LetterFilter? filter = null)
    {
        var (action, refusal) = await Desk().ConfirmAsync(Ask(kind, filter ?? Group(), expected), CancellationToken.None);
        Assert.That(refusal, Is.Null);
        return action!;
    }

    /// <summary>The hub's loop and the partition's turns, each by another hub, until nothing is left to do.</summary>
    private protected async Task WorkAsync()
    {
        for (var turn = 0; turn < 20 && await Worker().StepAsync(CancellationToken.None); turn++)
        {
            Clock.Now += TimeSpan.FromSeconds(1);
            await DrainAsync(Lane.Live);
            await DrainAsync(Lane.Replay);
        }
    }

    private protected async Task<LetterAction> ActionAsync(LetterAction action) => (await ReadAsync(db => LetterActions.FindAsync(db, action.ActionId, CancellationToken.None)))!;

    /// <summary>What became of the letters of an action, by status and code.</summary>
    private protected async Task<IEnumerable<(string, string, long)>> ResultsAsync(LetterAction action) =>
        (await ReadAsync(db => LetterActions.ResultsAsync(db, [action.ActionId], CancellationToken.None)))[action.ActionId].Select(result => (result.Status, result.Code, result.Count));

    private protected async Task<IReadOnlyList<DeadLetterView>> LettersAsync() => (await ReadAsync(db => Runs.ListDeadLettersAsync(db, Name, null, null, new PageAsk(), CancellationToken.None))).Items;

    private protected async Task<IEnumerable<string>> StatusesAsync() => (await LettersAsync()).Select(letter => letter.Status);

    private protected Task<IReadOnlyList<LetterGroup>> GroupsAsync() => ReadAsync(db => LetterGroups.ListAsync(db, Name, Clock.Now, CancellationToken.None));

    /// <summary>What the counts say is what the letters say.</summary>
    private protected async Task AssertCountedAsync()
    {
        var counted = (await GroupsAsync()).SelectMany(group => group.Counts.Select(count => (group.Operation, group.Code, count.Key, count.Value)));
        var there = (await LettersAsync()).GroupBy(letter => (letter.Operation, letter.Code, letter.Status)).Select(group => (group.Key.Operation, group.Key.Code, group.Key.Status, (long)group.Count()));
        Assert.That(counted, Is.EquivalentTo(there));
    }
}
