using System.Collections.Concurrent;
using System.Globalization;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>
/// Many short histories, each drawn by its seed, as many at a time as there are processors. <c>HUB_SIMULATION_SEED</c> plays one of them and prints it; <c>HUB_SIMULATION_HISTORIES</c> says how
/// many are played, from <c>HUB_SIMULATION_FROM</c> on.
/// </summary>
public sealed class When_histories_are_simulated
{
    private const int Histories = 500;
    private const int MostToTell = 5;
    private static readonly TimeSpan _saysSoEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<string> _broken = [];

    [TearDown]
    public void Forget() => _broken.Clear();

    [Test]
    public async Task Should_hold_after_every_step()
    {
        if (Given("HUB_SIMULATION_SEED") is { } seed)
        {
            await using var database = await SimulatedDatabase.CreateAsync();
            TestContext.Out.WriteLine(string.Join('\n', await PlayAsync(seed, database)));
        }
        else
        {
            await PlayAsync(Given("HUB_SIMULATION_FROM") ?? 1, Given("HUB_SIMULATION_HISTORIES") ?? Histories);
        }

        Assert.That(_broken, Is.Empty);
    }

    [Test]
    public async Task Should_be_the_same_history_whenever_it_is_played()
    {
        await using var database = await SimulatedDatabase.CreateAsync();
        for (var seed = 1; seed <= 3; seed++)
        {
            var first = await PlayAsync(seed, database);
            var again = await PlayAsync(seed, database);
            Assert.That(again, Is.EqualTo(first));
        }

        Assert.That(_broken, Is.Empty);
    }

    private async Task PlayAsync(int first, int count)
    {
        var (seeds, began, played) = (new ConcurrentQueue<int>(Enumerable.Range(first, count)), TimeProvider.System.GetTimestamp(), 0);
        await using (new Timer(_ => TellProgress(), null, _saysSoEvery, _saysSoEvery))
        {
            await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(async () =>
            {
                await using var database = await SimulatedDatabase.CreateAsync();
                while (_broken.Count < MostToTell && seeds.TryDequeue(out var seed))
                {
                    await PlayAsync(seed, database);
                    Interlocked.Increment(ref played);
                }
            })));
        }

        TellProgress();

        void TellProgress() => TestContext.Progress.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{played} of {count} histories from seed {first} on, {played / TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} a second, {_broken.Count} broken"));
    }

    private async Task<IReadOnlyList<string>> PlayAsync(int seed, SimulatedDatabase database)
    {
        var history = new History(seed, database);
        try
        {
            // On a thread of its own: all of it may go on without ever giving one back.
            await Task.Run(history.PlayAsync).WaitAsync(TestServers.Poll.Patience);
        }
        catch (Exception exception)
        {
            var replay = $"HUB_SIMULATION_SEED={seed} dotnet test tests/Hub.Tests --filter Name={nameof(Should_hold_after_every_step)}";
            _broken.Enqueue($"{exception.Message} Replay: {replay}");
            TestContext.Progress.WriteLine($"Seed {seed}: {exception.Message}");
            if (_broken.Count == 1)
            {
                TestContext.Out.WriteLine($"{replay}\n{string.Join('\n', [.. history.Tale.Lines, .. await database.DescribeAsync()])}\n{(exception is BrokenInvariantException ? exception.Message : exception)}");
            }

            if (exception is TimeoutException)
            {
                throw; // it goes on, and whoever played on its tables would be told of its doings
            }
        }

        return history.Tale.Lines;
    }

    private static int? Given(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : null;
}
