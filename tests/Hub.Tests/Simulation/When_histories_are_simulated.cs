using System.Globalization;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>
/// Many short histories, each drawn by its seed. <c>HUB_SIMULATION_SEED</c> plays one of them and prints it; <c>HUB_SIMULATION_HISTORIES</c> says how many are played, from
/// <c>HUB_SIMULATION_FROM</c> on.
/// </summary>
public sealed class When_histories_are_simulated
{
    private const int Histories = 40;
    private const int MostToTell = 5;

    /// <summary>Histories in which a process that was held up comes to settle what is another one's by then; few do.</summary>
    private static readonly int[] _alwaysPlayed = [209, 279];

    private readonly List<string> _broken = [];

    private SimulatedDatabase _database = null!;

    [SetUp]
    public async Task Open() => _database = await SimulatedDatabase.CreateAsync();

    [TearDown]
    public async Task Close() => await _database.DisposeAsync();

    [Test]
    public async Task Should_hold_after_every_step()
    {
        if (Given("HUB_SIMULATION_SEED") is { } seed)
        {
            TestContext.Out.WriteLine(string.Join('\n', await PlayAsync(seed)));
        }
        else
        {
            var first = Given("HUB_SIMULATION_FROM") ?? 1;
            var count = Given("HUB_SIMULATION_HISTORIES") ?? Histories;
            foreach (var next in Enumerable.Range(first, count).Union(_alwaysPlayed).TakeWhile(_ => _broken.Count < MostToTell))
            {
                await PlayAsync(next);
            }
        }

        Assert.That(_broken, Is.Empty);
    }

    [Test]
    public async Task Should_be_the_same_history_whenever_it_is_played()
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var first = await PlayAsync(seed);
            var again = await PlayAsync(seed);
            Assert.That(again, Is.EqualTo(first));
        }

        Assert.That(_broken, Is.Empty);
    }

    private async Task<IReadOnlyList<string>> PlayAsync(int seed)
    {
        var (history, began) = (new History(seed, _database), TimeProvider.System.GetTimestamp());
        try
        {
            // On a thread of its own: all of it may go on without ever giving one back.
            await Task.Run(history.PlayAsync).WaitAsync(TestServers.Poll.Patience);
        }
        catch (Exception exception)
        {
            var replay = $"HUB_SIMULATION_SEED={seed} dotnet test tests/Hub.Tests --filter Name={nameof(Should_hold_after_every_step)}";
            _broken.Add($"{exception.Message} Replay: {replay}");
            if (_broken.Count == 1)
            {
                TestContext.Out.WriteLine($"{replay}\n{string.Join('\n', [.. history.Tale.Lines])}\n{(exception is BrokenInvariantException ? exception.Message : exception)}");
            }
        }

        TestContext.Progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seed}: {history.Tale.Lines.Count} steps, {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:0} ms"));
        return history.Tale.Lines;
    }

    private static int? Given(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : null;
}
