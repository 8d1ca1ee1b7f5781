using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

/// <summary>Keeps the warnings of the bridge: each is one failed attempt of one of its loops.</summary>
internal sealed class BridgeLog : ILoggerProvider
{
    private const string Bridge = "MassTransit.EntityFrameworkCoreIntegration";

    public ConcurrentQueue<string> Warnings { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName.StartsWith(Bridge, StringComparison.Ordinal));

    public void Dispose()
    {
    }

    private sealed class Logger(BridgeLog log, bool isBridge) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => isBridge && logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Warnings.Enqueue(formatter(state, exception));
        }
    }
}
