using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A number, or an id of another system, that lists alone have stated is the person's too: by it nobody who was erased comes back.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_erased_person_comes_back_by_a_list(StorageDatabase database) : StorageFixture(database)
{
    private string _gone = null!;
    private string _other = null!;

    /// <summary>A number without its country may be of two.</summary>
    protected override void AddServices(IServiceCollection services) =>
        services.AddSingleton(new StatedKeys((phone, _) => phone[0] == '+' ? [phone] : [$"+43{phone[1..]}", $"+49{phone[1..]}"], "two countries"));

    [SetUp]
    public void Choose_people() => (_gone, _other) = (Unique("gone"), Unique("other"));

    [TestCase("phone")]
    [TestCase("crm_id")]
    [TestCase("anonymous_id")]
    [TestCase("device_id")]
    public async Task Should_not_be_taken_in_by_the_key_alone(string kind)
    {
        var key = Key(kind);
        await ListAsync(1, Row(_gone, key));
        await EraseAsync(Id(_gone));

        await ListAsync(2, Row(_other, key));
        var result = await AppendAsync(Profile(Unique("third"), Attributes(key), 3) with { Phone = PhoneOf(key) });

        Assert.That(await ConsentOfAsync(_other), Is.Null, "nobody of that id");
        Assert.That((result.Accepted, result.Erased.Count), Is.EqualTo((0, 1)), "a fact that states it among its values");
        Assert.That(await CountAsync($"SELECT count(*) FROM former_keys WHERE subject_key = '{key}'"), Is.Zero);
    }

    [Test]
    public async Task Should_not_be_taken_in_by_a_number_that_was_another_one_since()
    {
        var (before, now) = (Number(), Number());
        await ListAsync(1, Row(_gone, before));
        await ListAsync(2, Row(_gone, now));
        await EraseAsync(Id(_gone));
        await ListAsync(3, Row(_other, before));
        Assert.That(await ConsentOfAsync(_other), Is.Null);
    }

    [Test]
    public async Task Should_not_be_taken_in_by_a_number_without_its_country()
    {
        var number = $"0{Number().Value[3..]}";
        await ListAsync(1, new StagedMember(2, _gone, null, number, "{}", true));
        await EraseAsync(Id(_gone));
        await ListAsync(2, new StagedMember(2, _other, null, number, "{}", true));
        Assert.That(await ConsentOfAsync(_other), Is.Null);
    }

    [TestCase(IdentityVerdict.Assign, true)]
    [TestCase(IdentityVerdict.Block, true)]
    [TestCase(IdentityVerdict.Assign, false)]
    public async Task Should_hold_back_whoever_states_the_key_too_until_somebody_decides(IdentityVerdict verdict, bool isStatedByFact)
    {
        var (key, third) = (Number(), Unique("third"));
        await ListAsync(1, Row(_gone, key));
        await (isStatedByFact ? AppendAsync(Profile(_other, "{}") with { OtherKeys = [key] }) : ListAsync(2, Row(_other, key)));
        var request = await EraseAsync(Id(_gone));
        await ListAsync(3, Row(third, key));

        Assert.That((StatusIn(await ConsentOfAsync(_other)), StatusIn(await ConsentOfAsync(third))), Is.EqualTo((ConsentWord.Denied, ConsentWord.Denied)), "either may be who was erased");
        Assert.That((await ReadAsync(db => ErasureCounts.LoadAsync(db, request, CancellationToken.None)))[ErasureCounts.UndecidedKeys], Is.EqualTo(1));
        var undecided = (await ListUndecidedAsync()).Single(one => one.Key == key);
        Assert.That(undecided.Holders, Is.EqualTo(new[] { Id(_other), Id(third) }));

        var outcome = await WriteAsync(db => Service<IdentityDesk>().DecideAsync(db, new IdentityRuling(verdict, key, verdict == IdentityVerdict.Assign ? Id(_other) : null, "kim", "asked"), DateTimeOffset.UtcNow, CancellationToken.None));
        Assert.That(outcome.Outcome, Is.EqualTo(RulingOutcome.Decided));
        Assert.That(StatusIn(await ConsentOfAsync(_other)), Is.Not.EqualTo(ConsentWord.Denied));
        Assert.That((await ListUndecidedAsync()).Select(one => one.Key), Has.None.EqualTo(key));
    }

    [Test]
    public async Task Should_not_be_kept_while_the_list_waits_to_be_applied()
    {
        var (snapshot, mail) = (Guid.NewGuid(), $"{Unique("gone")}@example.org");
        await ListAsync(1, new StagedMember(2, _gone, mail, null, "{}", true));
        await EraseAsync(Id(_gone));
        var before = await CountAsync("SELECT coalesce(sum(count), 0) FROM erased_facts WHERE event_type = 'list_row'");

        var report = await WriteAsync(async db =>
        {
            await Snapshots.CreateAsync(db, snapshot, Unique("aud"), "full", "file.csv", Noon.AddMinutes(2), CancellationToken.None);
            await Snapshots.StageAsync(
                db, snapshot, [new StagedMember(2, _gone, null, null, "{}", true), new StagedMember(3, Unique("third"), mail.ToUpperInvariant(), null, "{}", true), new StagedMember(4, _other, null, null, "{}", true)],
                [Reject(5, _gone), Reject(6, _gone, _other), Reject(7)], CancellationToken.None);
            return await Snapshots.FinishAsync(db, snapshot, Noon.AddMinutes(2), CancellationToken.None);
        });

        Assert.Multiple(async () =>
        {
            Assert.That(await CountAsync($"SELECT count(*) FROM snapshot_rows WHERE snapshot_id = '{Stored(snapshot)}'"), Is.EqualTo(1));
            Assert.That(report.Rejects.Select(reject => (reject.Line, string.Join(' ', reject.ExternalIds))), Is.EqualTo(new[] { (6L, _other), (7L, "") }));
            Assert.That((report.Rows, report.Accepted, report.UnreadRows), Is.EqualTo((3L, 1L, 1L)), "a row that names erased people alone is none that could not be read");
            Assert.That(await CountAsync("SELECT coalesce(sum(count), 0) FROM erased_facts WHERE event_type = 'list_row'") - before, Is.EqualTo(3));
        });

        static SnapshotReject Reject(long line, params string[] ids) => new(line, "email", "email_malformed", "It is none.") { ExternalIds = ids };
    }

    [Test]
    public async Task Should_be_whom_the_key_means_when_one_profile_alone_states_it()
    {
        var key = Number();
        await ListAsync(1, Row(_gone, key));
        await EraseAsync(key);
        Assert.That(await ConsentOfAsync(_gone), Is.Null, "asked for by the number, the person is gone");
    }

    [Test]
    public async Task Should_be_nobody_as_long_as_several_state_the_key_or_it_may_be_another_number()
    {
        var (key, unsure) = (Number(), Number());
        await ListAsync(1, Row(_gone, key), Row(_other, key), new StagedMember(9, Unique("unsure"), null, $"0{unsure.Value[3..]}", "{}", true));
        Assert.That((await FindAsync(key), await FindAsync(unsure)), Is.EqualTo((default(ErasurePerson), default(ErasurePerson))), "nobody is erased by a guess");
    }

    private string Stored(Guid id) => IsPostgres ? $"{id}" : $"{id}".ToUpperInvariant();

    private T Service<T>()
        where T : notnull => Scopes.CreateScope().ServiceProvider.GetRequiredService<T>();

    private static PersonKey Number() => new(KeyKind.Phone, $"+43664{Random.Shared.Next(1_000_000, 9_999_999)}");

    private static PersonKey Key(string kind) => kind == "phone" ? Number() : new PersonKey(PersonKey.KindOf(kind)!.Value, Unique("key"));

    private static PersonKey Id(string id) => new(KeyKind.ExternalId, id);

    private static string Attributes(PersonKey key) => key.Kind == KeyKind.Phone ? "{}" : $$"""{"{{PersonKey.WordOf(key.Kind)}}":"{{key.Value}}"}""";

    private static string? PhoneOf(PersonKey key) => key.Kind == KeyKind.Phone ? key.Value : null;

    private static StagedMember Row(string id, PersonKey key) => new(Random.Shared.Next(2, int.MaxValue), id, null, PhoneOf(key), Attributes(key), true);

    private async Task ListAsync(int minute, params StagedMember[] members) => await ApplyAsync(await LoadAsync(Unique("aud"), "delta", minute, members));

    private Task<ErasurePerson?> FindAsync(PersonKey key) => ReadAsync(db => Service<PersonSearch>().FindAsync(db, key, CancellationToken.None));

    private async Task<IReadOnlyList<(PersonKey Key, IReadOnlyList<PersonKey> Holders)>> ListUndecidedAsync()
    {
        var proposals = await ReadAsync(db => Service<ProposalDesk>().ListAsync(db, IdentityProposals.UndecidedKind, 100, CancellationToken.None));
        Assert.That(proposals.Counts.Where(count => count.Kind == IdentityProposals.UndecidedKind).Sum(count => count.Count), Is.EqualTo(proposals.Undecided.Count));
        return proposals.Undecided;
    }

    private async Task<Guid> EraseAsync(PersonKey key)
    {
        var (request, person) = (Guid.NewGuid(), await FindAsync(key));
        Assert.That(person?.ProfileIds, Is.Not.Null.And.Not.Empty);
        await WriteAsync(db => Service<SealedPeople>().KeepAsync(db, request, person!, CancellationToken.None));
        await WriteAsync(db => Service<PersonErasure>().SuppressAsync(db, request, "erasure", Noon, CancellationToken.None));
        return request;
    }

    private Task<string?> ConsentOfAsync(string externalId) => TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", externalId));

    private static string? StatusIn(string? consent) => StoredConsent.Read(consent!).TryGetValue(Suppression.PurposeOf(Suppression.ErasureUndecided), out var state) ? state.Status : null;
}
