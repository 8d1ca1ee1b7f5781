using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using IntegrationHub.TestServers;
using IntegrationHub.Connectors.Sandbox;
using MassTransit;
using Fault = IntegrationHub.Connectors.Sandbox.Fault;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EndToEnd.Tests;

/// <summary>Promise 7: canary values go through the whole job, failures included, and show up in no log line, trace or bus message.</summary>
[TestFixture]
public sealed class When_personal_data_passes_through
{
    private static readonly string[] _canaries = ["canaryfirst", "canarylast", "canarymail", "canaryjob", "canaryproduct"];

    [Test]
    public async Task Should_show_up_in_no_log_line_no_trace_and_no_bus_message()
    {
        var seen = new Listeners();
        using var traces = seen.ListenToTraces();
        await using (var hub = await EmbeddedHub.StartAsync(builder =>
        {
            builder.Logging.AddProvider(seen);
            builder.Logging.SetMinimumLevel(LogLevel.Trace);
        }))
        {
            hub.Services.GetRequiredService<IBusControl>().ConnectReceiveObserver(seen);
            foreach (var room in hub.Sandbox.Rooms.Values)
            {
                room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 500, Calls = 1 });
                room.Faults.Add(new Fault { Kind = FaultKind.MalformedBody, Calls = 1 });
                room.Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Probability = 0.2 });
                room.Faults.Add(new Fault { Kind = FaultKind.Reset, Calls = 1 });
            }

            var runs = await hub.SyncAsync((await hub.LoadAsync(Csv())).SnapshotId);
            Assert.That(runs.Sum(run => run.Counts.Delivered), Is.GreaterThan(0), "the canaries must really pass through");
            await hub.Services.GetRequiredService<IBus>().PublishBatch(Enumerable.Range(0, 100).Select(i => Happenings.View($"{i}", DateTimeOffset.UtcNow, "canaryproduct")));
            await Poll.Until(() => hub.Sandbox.Rooms.Values.All(room => room.Vendor.Events().Any()), "events to reach the vendors");
        }

        Assert.Multiple(() =>
        {
            Assert.That(seen.LogLines, Is.GreaterThan(20), "the listener must hear the logs");
            Assert.That(seen.Spans, Is.GreaterThan(20), "the listener must hear the traces");
            Assert.That(seen.Messages, Is.GreaterThan(20), "the listener must hear the bus");
            Assert.That(seen.Leaks, Is.Empty);
        });
    }

    private static MemoryStream Csv()
    {
        var text = new StringBuilder("CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner\n");
        for (var i = 0; i < 200; i++)
        {
            var birth = i % 30 == 3 ? "canaryjob-date" : "5/14/1965";
            text.Append(i).Append(",MR.,CANARYFIRST,CANARYLAST,").Append(birth).Append(",M,M,canarymail").Append(i).Append(i % 40 == 5 ? "é" : "").Append("@example.test,\"$90,000 \",1,Bachelors,canaryjob,Y\n");
        }

        return new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private sealed class Listeners : ILoggerProvider, ILogger, IReceiveObserver
    {
        private int _logLines;
        private int _spans;
        private int _messages;

        public ConcurrentBag<string> Leaks { get; } = [];

        public int LogLines => _logLines;

        public int Spans => _spans;

        public int Messages => _messages;

        public ActivityListener ListenToTraces()
        {
            var listener = new ActivityListener
            {
                ShouldListenTo = _ => true,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity =>
                {
                    Interlocked.Increment(ref _spans);
                    Check("trace", $"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(e => e.Tags))}");
                },
            };
            ActivitySource.AddActivityListener(listener);
            return listener;
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Check("log scope", state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref _logLines);
            Check("log", $"{formatter(state, exception)} {exception}");
        }

        public Task PreReceive(ReceiveContext context)
        {
            Interlocked.Increment(ref _messages);
            if (!context.InputAddress.AbsolutePath.EndsWith("/hub-intake", StringComparison.Ordinal) && !context.InputAddress.AbsolutePath.EndsWith("/hub-consents", StringComparison.Ordinal))
            {
                // Facts themselves come in there.
                Check("message", Encoding.UTF8.GetString(context.GetBody()));
            }

            return Task.CompletedTask;
        }

        public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
            where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
            where T : class => Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;

        public void Dispose()
        {
        }

        private void Check(string where, string text)
        {
            if (_canaries.Any(canary => text.Contains(canary, StringComparison.OrdinalIgnoreCase)))
            {
                Leaks.Add($"{where}: {text[..Math.Min(300, text.Length)]}");
            }
        }
    }
}
