using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Notices;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Watch;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Notices;

/// <summary>From the header of an answer over HTTP to the sentence that somebody reads.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_vendor_ends_an_interface(StorageDatabase database) : DeliveryFixture(database)
{
    private static readonly VendorEndpoint _people = new("POST", "/people", "v1", new Uri("https://vendor.example.test/docs"));
    private static readonly VendorNotice _ends = new(NoticeKind.Sunset) { At = Noon.AddDays(20), Page = "https://vendor.example.test/end" };

    private NoticeBoard _board = null!;
    private string _name = null!;

    [SetUp]
    public void Begin() => (_board, _name) = (new NoticeBoard(Clock), Unique("d"));

    [Test]
    public async Task Should_be_told_from_the_header_of_its_answers()
    {
        await using var vendor = await SandboxServer.StartAsync(new SandboxOptions(), CancellationToken.None);
        using var told = new HttpClient { BaseAddress = vendor.BaseUrl("braze") };
        await told.PostAsync(
            $"{vendor.BaseUrl("braze").AbsoluteUri.TrimEnd('/')}/_sandbox/faults",
            new StringContent("""{"kind":"headers","headers":{"Deprecation":"@1688169599","Sunset":"Sun, 30 Jun 2030 23:59:59 GMT","Link":"<https://vendor.example.test/end?of=x>; rel=\"sunset\""}}"""));
        await Connect(vendor, "braze").CheckAsync(CancellationToken.None);

        Assert.That(await Writer().WriteAsync(CancellationToken.None), Is.EqualTo(4), "two words of two endpoints");
        var verdict = (await ExplainAsync()).Single();
        Assert.That((verdict.Code, verdict.Destination, verdict.Subject), Is.EqualTo((DiagnosisCode.VendorDeprecation, _name, "sunset 2030-06-30")));
        Assert.That(verdict.Sentence, Does.StartWith($"{_name}: the vendor says with its answers that POST /users/export/ids, POST /users/track ends on 2030-06-30.").And.EndsWith("https://vendor.example.test/end"));
    }

    [Test]
    public async Task Should_count_what_is_said_again_in_one_row_with_the_date_that_was_said_last()
    {
        var notices = _board.For(_name);
        notices.Take(_people, _ends);
        notices.Take(_people, _ends);
        await Writer().WriteAsync(CancellationToken.None);
        Clock.Now = Noon.AddHours(1);
        notices.Take(_people, _ends with { At = Noon.AddDays(30), Page = null });
        await Writer().WriteAsync(CancellationToken.None);

        Assert.That(await ListAsync(), Is.EqualTo(new[] { new StoredNotice(_name, "POST /people", "sunset", "", Noon, Noon.AddHours(1), 3) { At = Noon.AddDays(30) } }));
        Assert.That(await Writer().WriteAsync(CancellationToken.None), Is.Zero, "nothing was said since");
        Clock.Now = Noon;
    }

    [Test]
    public async Task Should_keep_little_whatever_is_said()
    {
        var notices = _board.For(_name);
        for (var code = 0; code < NoticeBoard.MostHeld + 5; code++)
        {
            notices.Take(_people, new VendorNotice(NoticeKind.Warning) { Code = $"{code}" });
        }

        Assert.That(await Writer().WriteAsync(CancellationToken.None), Is.EqualTo(NoticeBoard.MostHeld));
        notices.Take(_people, new VendorNotice(NoticeKind.Warning) { Code = "0" });
        await Writer().WriteAsync(CancellationToken.None);
        var kept = await ListAsync();
        Assert.That((kept.Count, kept.Single(notice => notice.Code == "0").Count), Is.EqualTo((VendorNotices.MostOfADestination, 2L)), "what is known is still counted");
    }

    [Test]
    public async Task Should_be_written_later_when_the_database_was_away()
    {
        _board.For(_name).Take(_people, _ends);
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        await Assert.ThatAsync(() => Writer().WriteAsync(canceled.Token), Throws.InstanceOf<OperationCanceledException>());
        _board.For(_name).Take(_people, _ends);

        await Writer().WriteAsync(CancellationToken.None);
        Assert.That((await ListAsync()).Single().Count, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_be_over_when_it_was_not_heard_for_long()
    {
        _board.For(_name).Take(_people, _ends);
        await Writer().WriteAsync(CancellationToken.None);
        Assert.That(await ExplainAsync(), Has.Count.EqualTo(1));
        Assert.That(await ExplainAsync(Noon + Situations.NoticeLife + TimeSpan.FromDays(1)), Is.Empty);
    }

    private IConnector Connect(SandboxServer vendor, string connector)
    {
        var services = new ServiceCollection();
        services.AddConnectors();
        return services.BuildConnectorFactories().Single(factory => factory.Descriptor.Name == connector).Create(new ConnectorContext
        {
            Settings = new DestinationSettings
            {
                Name = _name,
                BaseUrl = vendor.BaseUrl(connector),
                IdentityKey = "external_id",
                Secrets = vendor[connector].Vendor.Credentials.ToDictionary(secret => secret.Key, secret => (Func<string?>)(() => secret.Value)),
            },
            Transport = new SocketsHttpHandler(),
            Notices = _board.For(_name),
            Time = TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
        })(OpenGate.Instance);
    }

    private NoticeWriter Writer() => new(_board, Transactions, Clock, NullLogger<NoticeWriter>.Instance);

    private async Task<List<StoredNotice>> ListAsync() => [.. (await ReadAsync(db => VendorNotices.ListAsync(db, Noon.AddDays(-1), CancellationToken.None))).Where(notice => notice.Destination == _name)];

    private async Task<List<Verdict>> ExplainAsync(DateTimeOffset? at = null)
    {
        var situation = await ReadAsync(db => Situations.ReadAsync(db, at ?? Noon, CancellationToken.None));
        return [.. EndingDiagnoser.Explain(situation, new Dictionary<string, IReadOnlyList<Retirement>> { [_name] = [] })];
    }
}
