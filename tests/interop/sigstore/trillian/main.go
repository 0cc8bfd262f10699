// Command trillian is a Trillian log server and its signer in one process, with its trees in memory,
// for the logs that stand on it. It makes empty trees and prints their numbers, one a line.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/google/trillian"
	"github.com/google/trillian/extension"
	sequencing "github.com/google/trillian/log"
	"github.com/google/trillian/monitoring"
	"github.com/google/trillian/quota"
	"github.com/google/trillian/server"
	"github.com/google/trillian/server/admin"
	"github.com/google/trillian/storage/memory"
	"github.com/google/trillian/util/clock"
	"github.com/google/trillian/util/election"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"k8s.io/klog/v2"
)

func main() {
	address := flag.String("address", "127.0.0.1:0", "where gRPC is spoken")
	trees := flag.Int("trees", 1, "how many trees to make")
	flag.Parse()
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard) // a line for every idle round
	ctx := context.Background()

	metrics := monitoring.InertMetricFactory{}
	storage := memory.NewTreeStorage()
	registry := extension.Registry{
		AdminStorage:  memory.NewAdminStorage(storage),
		LogStorage:    memory.NewLogStorage(storage, metrics),
		QuotaManager:  quota.Noop(),
		MetricFactory: metrics,
	}
	logs := server.NewTrillianLogRPCServer(registry, clock.System)
	admins := admin.New(registry, nil)
	service := grpc.NewServer()
	trillian.RegisterTrillianLogServer(service, logs)
	trillian.RegisterTrillianAdminServer(service, admins)
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(service.Serve(listener)) }()

	for range *trees {
		tree, err := admins.CreateTree(ctx, &trillian.CreateTreeRequest{Tree: &trillian.Tree{
			TreeState:       trillian.TreeState_ACTIVE,
			TreeType:        trillian.TreeType_LOG,
			MaxRootDuration: durationpb.New(0),
		}})
		if err != nil {
			log.Fatal(err)
		}
		if _, err := logs.InitLog(ctx, &trillian.InitLogRequest{LogId: tree.TreeId}); err != nil {
			log.Fatal(err)
		}
		fmt.Println(tree.TreeId)
	}

	sequencing.InitMetrics(metrics)
	sequencing.NewOperationManager(sequencing.OperationInfo{
		Registry:       registry,
		BatchSize:      1000,
		NumWorkers:     2,
		RunInterval:    50 * time.Millisecond,
		TimeSource:     clock.System,
		ElectionConfig: election.RunnerConfig{},
	}, sequencing.NewSequencerManager(registry, 0)).OperationLoop(ctx)
}
